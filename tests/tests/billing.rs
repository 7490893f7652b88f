//! A bill that nobody pays, from Stripe's events to suspension and back, over the embedded server.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use levqor_testkit::{Answer, LocalServer, Process, TempFolder, eventually};
use levqor_tests::{Client, Embedded, Fleet, Role, STRIPE_SECRET, noop, stripe_event as send, ticking};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(30);

/// The stages of a policy that takes seconds, as keys and subjects of their letters.
const SUBJECTS: [&str; 4] = [
    "We couldn't process your payment",
    "Service at risk due to payment issue",
    "Your service will be paused",
    "Your account has been paused",
];

/// A data folder whose first tenant has a customer, and a policy that suspends after so many seconds.
struct Debtor {
    folder: TempFolder,
    stripe: LocalServer,
}

impl Debtor {
    async fn new(seconds: u32) -> Result<Self> {
        let session = json!({"id": "bps_1", "object": "billing_portal.session", "configuration": "bpc_1",
            "created": 1_700_000_000, "customer": "cus_1", "livemode": false,
            "url": "https://billing.stripe.com/p/session/1"});
        let stripe = LocalServer::start(move |_| Answer::json(session.to_string())).await?;
        let debtor = Self {
            folder: TempFolder::new()?,
            stripe,
        };
        let server = debtor.start().await?;
        server.client.store(&noop()).await?;
        server.process.kill().await?;
        debtor
            .command(&[
                "link",
                "--tenant",
                "default",
                "--customer",
                "cus_1",
                "--email",
                "pay@acme.test",
            ])
            .await?;
        debtor.policy(seconds).await?;
        Ok(debtor)
    }

    async fn start(&self) -> Result<Embedded> {
        let url = self.stripe.url();
        let secrets = format!("whsec_of_before,{STRIPE_SECRET}");
        let environment = [
            ("LEVQOR_STRIPE_WEBHOOK_SECRETS", secrets.as_str()),
            ("LEVQOR_STRIPE_SECRET_KEY", "sk_test_blackbox"),
            ("LEVQOR_STRIPE_URL", &url),
        ];
        Embedded::start_with(self.folder.path(), &environment).await
    }

    /// `levqor billing …`; what it printed.
    async fn command(&self, arguments: &[&str]) -> Result<Value> {
        let data = self
            .folder
            .path()
            .to_str()
            .context("the folder's name is not UTF-8")?;
        let process = Process::levqor(&[&["billing"], arguments, &["--data", data]].concat(), &[])?;
        let status = process.wait(SOON).await?;
        ensure!(status.success(), "{}", process.output());
        Ok(serde_json::from_str(&process.stdout())?)
    }

    /// Four stages, evenly spread over so many seconds.
    async fn policy(&self, seconds: u32) -> Result<()> {
        let file = self.folder.path().join("policy.json");
        fs::write(&file, policy(seconds))?;
        let file = file.to_str().context("the folder's name is not UTF-8")?;
        self.command(&["policy", file]).await?;
        Ok(())
    }

    /// Subjects of all mails that left, in no order.
    fn subjects(&self) -> Result<Vec<String>> {
        subjects(&self.folder.path().join("mail"))
    }
}

/// A policy with four stages, evenly spread over so many seconds.
fn policy(seconds: u32) -> String {
    let names = ["day1_notice", "day7_notice", "day14_final", "suspended"];
    let letters = [
        "dunning_day1",
        "dunning_day7",
        "dunning_day14",
        "dunning_suspended",
    ];
    let stages = (0_u32..)
        .zip(names.into_iter().zip(letters))
        .map(|(number, (stage, letter))| {
            let after = format!("PT{}S", f64::from(seconds * number) / 3.0);
            json!({"stage": stage, "after": after, "letter": letter})
        });
    json!({"stages": stages.collect::<Vec<_>>()}).to_string()
}

fn subjects(folder: &Path) -> Result<Vec<String>> {
    let Ok(files) = fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let mut subjects = Vec::new();
    for file in files {
        let text = fs::read_to_string(file?.path())?;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("Subject: Levqor: "));
        subjects.extend(line.map(str::to_owned));
    }
    Ok(subjects)
}

async fn status(client: &Client) -> Result<Value> {
    let (status, body) = client.get("/api/billing/status").await?;
    ensure!(status == 200, "{status} {body}");
    Ok(body)
}

/// Waits until the account stands so.
async fn stands(client: &Client, wanted: &str) -> Result<()> {
    let stands = || async { status(client).await.is_ok_and(|body| body["status"] == wanted) };
    let reached = eventually(SOON, stands).await;
    reached.with_context(|| format!("{wanted} was awaited"))
}

async fn start_run(client: &Client) -> Result<(u16, Value)> {
    let (status, body) = client
        .post("/api/v1/intake", &json!({"workflow": "test/noop", "payload": {}}))
        .await?;
    Ok((status.as_u16(), body))
}

#[tokio::test]
async fn domain_4_9_a_bill_suspends_what_starts_and_nothing_else_and_a_payment_opens_it_again() -> Result<()>
{
    let debtor = Debtor::new(3).await?;
    let server = debtor.start().await?;
    let client = &server.client;
    let (status_before, run) = start_run(client).await?;
    ensure!(status_before == 202, "{run}");
    ensure!(send(client, "evt_1", "invoice.payment_failed", "open").await? == 200);
    stands(client, "suspended").await?;
    let refused = || async { start_run(client).await.is_ok_and(|(status, _)| status == 402) };
    eventually(SOON, refused).await?;
    let (_, problem) = start_run(client).await?;
    ensure!(
        problem["code"] == "billing_suspended" && problem["billing_url"].is_string(),
        "{problem}"
    );
    let (batch, _) = client
        .post(
            "/api/v1/intake/batch",
            &json!([{"workflow": "test/noop", "payload": {}}]),
        )
        .await?;
    ensure!(batch == 402, "{batch}");
    // What the law gives people, and paying, do not ask for money first.
    let run = run["job_id"].as_str().context("no job_id")?;
    client.run(run).await?;
    let (person, body) = client
        .post("/api/v1/users/upsert", &json!({"email": "ada@example.org"}))
        .await?;
    ensure!(person.is_success(), "{body}");
    let asked = client
        .post(
            "/api/data-export/request",
            &json!({"user_id": body["user"]["id"]}),
        )
        .await?;
    ensure!(asked.0 == 202, "{asked:?}");
    let status = status(client).await?;
    ensure!(
        status["invoices"][0]["amount"] == 1_500 && status["invoices"][0]["currency"] == "KWD",
        "{status}"
    );
    pays(&debtor, status["billing_url"].as_str().context("no billing_url")?).await?;
    ensure!(send(client, "evt_2", "invoice.paid", "paid").await? == 200);
    stands(client, "ok").await?;
    let taken = || async { start_run(client).await.is_ok_and(|(status, _)| status == 202) };
    eventually(SOON, taken).await?;
    let thanked = || async {
        debtor
            .subjects()
            .is_ok_and(|all| all.iter().any(|subject| subject.starts_with("Thank you")))
    };
    eventually(SOON, thanked).await
}

/// Opens the link of a letter, presses its button, and ends at Stripe.
async fn pays(debtor: &Debtor, url: &str) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "the test is a browser")]
    let browser = reqwest::Client::builder().redirect(Policy::none()).build()?;
    let page = browser.get(url).send().await?;
    ensure!(page.status() == 200);
    let page = page.text().await?;
    ensure!(
        page.contains("KWD 1.500") && page.contains("<form method=\"post\""),
        "{page}"
    );
    ensure!(debtor.stripe.requests().is_empty(), "a page asks Stripe nothing");
    let answer = browser.post(url).send().await?;
    ensure!(answer.status() == 303, "{}", answer.status());
    ensure!(answer.headers()["location"] == "https://billing.stripe.com/p/session/1");
    let requests = debtor.stripe.requests();
    let [request] = requests.as_slice() else {
        anyhow::bail!("{} requests", requests.len())
    };
    ensure!(
        request.method == "POST" && request.path == "/v1/billing_portal/sessions",
        "{request:?}"
    );
    ensure!(request.header("authorization") == Some("Bearer sk_test_blackbox"));
    ensure!(request.header("stripe-version") == Some("2026-09-30.endive"));
    ensure!(
        request
            .header("idempotency-key")
            .is_some_and(|key| key.starts_with("levqor/portal/cus_1/"))
    );
    let body = String::from_utf8(request.body.to_vec())?;
    ensure!(
        body.contains("customer=cus_1") && body.contains("payment_method_update"),
        "{body}"
    );
    Ok(())
}

#[tokio::test]
async fn domain_4_6_kill_9_between_any_two_steps_loses_no_event_and_repeats_no_letter() -> Result<()> {
    let debtor = Debtor::new(9).await?;
    let server = debtor.start().await?;
    ensure!(send(&server.client, "evt_1", "invoice.payment_failed", "open").await? == 200);
    server.process.kill().await?;
    let mut pause = Duration::from_millis(40);
    let server = loop {
        let server = debtor.start().await?;
        let stands = status(&server.client).await?["status"].clone();
        if stands == "suspended" {
            break server;
        }
        if stands != "ok" {
            // Stripe repeats itself; before, only what was stored can have brought it here.
            ensure!(send(&server.client, "evt_1", "invoice.payment_failed", "open").await? == 200);
        }
        let over = || async {
            status(&server.client)
                .await
                .is_ok_and(|body| body["status"] == "suspended")
        };
        let _suspended = eventually(pause, over).await;
        pause *= 2;
        server.process.kill().await?;
    };
    let told = || async {
        debtor
            .subjects()
            .is_ok_and(|all| all.iter().any(|subject| subject == SUBJECTS[3]))
    };
    eventually(SOON, told).await?;
    let mut told = debtor.subjects()?;
    told.sort_unstable();
    let distinct = told.len();
    told.dedup();
    ensure!(told.len() == distinct, "a letter came twice: {told:?}");
    ensure!(
        told.iter().all(|subject| SUBJECTS.contains(&subject.as_str())),
        "{told:?}"
    );
    server.process.kill().await?;
    let printed = debtor.command(&["status", "--tenant", "default"]).await?;
    ensure!(
        printed["status"] == "suspended" && printed["events"]["pending"] == 0,
        "{printed}"
    );
    Ok(())
}

#[tokio::test]
async fn domain_4_11_the_operator_holds_releases_and_is_told_what_is_wrong() -> Result<()> {
    let debtor = Debtor::new(0).await?;
    let server = debtor.start().await?;
    send(&server.client, "evt_1", "invoice.payment_failed", "open").await?;
    stands(&server.client, "suspended").await?;
    server.process.kill().await?;
    debtor
        .command(&[
            "hold",
            "--tenant",
            "default",
            "--until",
            "2100-01-01",
            "--reason",
            "pays on Friday",
        ])
        .await?;
    let server = debtor.start().await?;
    stands(&server.client, "held").await?;
    ensure!(start_run(&server.client).await?.0 == 202);
    server.process.kill().await?;
    debtor.command(&["release", "--tenant", "default"]).await?;
    let printed = debtor.command(&["status", "--tenant", "default"]).await?;
    ensure!(printed["status"] == "suspended", "{printed}");
    let refused = debtor
        .command(&[
            "hold",
            "--tenant",
            "nobody",
            "--until",
            "2100-01-01",
            "--reason",
            "x",
        ])
        .await;
    ensure!(refused.is_err_and(|error| error.to_string().contains("there is no tenant nobody")));
    let server = debtor.start().await?;
    ensure!(start_run(&server.client).await?.0 == 402);
    Ok(())
}

/// Runs that a schedule has started.
async fn ticks(client: &Client) -> Result<usize> {
    let (status, body) = client.get("/api/v1/runs?workflow=test/ticking&limit=100").await?;
    ensure!(status == 200, "{status} {body}");
    Ok(body["runs"].as_array().context("no runs")?.len())
}

#[tokio::test]
async fn domain_4_9_schedules_of_a_suspended_tenant_skip_and_say_so_until_it_pays() -> Result<()> {
    let debtor = Debtor::new(0).await?;
    let server = debtor.start().await?;
    let client = &server.client;
    client.store(&ticking()).await?;
    eventually(SOON, || async {
        ticks(client).await.is_ok_and(|ticks| ticks > 0)
    })
    .await?;
    send(client, "evt_1", "invoice.payment_failed", "open").await?;
    let said = "skipped: the tenant is suspended";
    server.process.wait_for_line(said, SOON).await?;
    let before = ticks(client).await?;
    let skips = || async { server.process.output().matches(said).count() > 2 };
    eventually(SOON, skips).await?;
    ensure!(ticks(client).await? == before, "a run was started meanwhile");
    send(client, "evt_2", "invoice.paid", "paid").await?;
    eventually(SOON, || async {
        ticks(client).await.is_ok_and(|ticks| ticks > before)
    })
    .await
}

#[tokio::test]
async fn domain_4_10_roles_apart_on_postgres_suspend_and_open_again_whatever_is_killed() -> Result<()> {
    let fleet = Fleet::start_with(1, &[("LEVQOR_STRIPE_WEBHOOK_SECRETS", STRIPE_SECRET)]).await?;
    let folder = TempFolder::new()?;
    let file = folder.path().join("policy.json");
    fs::write(&file, policy(0))?;
    let file = file.to_str().context("the folder's name is not UTF-8")?;
    for arguments in [
        ["billing", "link", "--tenant", "default", "--customer", "cus_1"].as_slice(),
        &["billing", "policy", file],
    ] {
        let (code, printed) = fleet.run(arguments).await?;
        ensure!(code == 0, "{printed}");
    }
    fleet.client.store(&noop()).await?;
    ensure!(send(&fleet.client, "evt_1", "invoice.payment_failed", "open").await? == 200);
    fleet.kill_and_replace(Role::Scheduler).await?;
    fleet.kill_and_replace(Role::Worker).await?;
    stands(&fleet.client, "suspended").await?;
    let starts = async |wanted| {
        start_run(&fleet.client)
            .await
            .is_ok_and(|(status, _)| status == wanted)
    };
    eventually(SOON, || starts(402)).await?;
    ensure!(send(&fleet.client, "evt_2", "invoice.paid", "paid").await? == 200);
    fleet.kill_and_replace(Role::Api).await?;
    eventually(SOON, || starts(202)).await
}
