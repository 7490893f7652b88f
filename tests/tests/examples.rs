//! Every example runs, and gives what its comment promises.

use std::{collections::BTreeSet, fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use levqor_testkit::{Answer, LocalServer, Process, eventually};
use levqor_tests::Embedded;
use serde_json::{Value, json};

const SOON: Duration = Duration::from_mins(1);

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// `levqor run` of an example: exit code, output (null when there is none) and standard error.
async fn run(name: &str, input: &Value) -> Result<(i32, Value, String)> {
    let file = folder().join(name);
    let input = input.to_string();
    let process = Process::levqor(&["run", file.to_str().context("UTF-8")?, "--input", &input], &[])?;
    let code = process.wait(SOON).await?.code().context("ended by a signal")?;
    Ok((
        code,
        serde_json::from_str(&process.stdout()).unwrap_or(Value::Null),
        process.stderr(),
    ))
}

#[tokio::test]
async fn examples_that_need_nobody_else_give_their_output() -> Result<()> {
    let cases = [
        (
            "hello.yaml",
            json!({"name": "Ada"}),
            json!({"greeting": "Hello, Ada!"}),
        ),
        (
            "three-steps.yaml",
            json!({"order": 42}),
            json!({"step": "ship", "order": 42}),
        ),
        (
            "switch.yaml",
            json!({"amount": 1200}),
            json!({"decision": "review"}),
        ),
        (
            "switch.yaml",
            json!({"amount": 12}),
            json!({"decision": "accepted"}),
        ),
        (
            "for.yaml",
            json!({"prices": [5, 7, 30]}),
            json!({"total": 42, "items": 3}),
        ),
        ("wait.yaml", json!({}), json!({"waited": true})),
        ("timeout.yaml", json!({}), json!({"late": true})),
    ];
    for (name, input, expected) in cases {
        let (code, output, error) = run(name, &input).await?;
        ensure!(
            code == 0 && output == expected,
            "{name}: {code} {output}\n{error}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn emit_gives_the_event_it_published() -> Result<()> {
    let (code, event, error) = run("emit.yaml", &json!({"order": "A-17"})).await?;
    ensure!(code == 0, "{error}");
    ensure!(
        event["type"] == "com.example.order.placed" && event["data"] == json!({"order": "A-17"}),
        "{event}"
    );
    Ok(())
}

#[tokio::test]
async fn raise_ends_non_zero_with_its_error_and_the_pointer_of_the_task() -> Result<()> {
    let (code, _, error) = run("raise.yaml", &json!({})).await?;
    ensure!(
        code != 0 && error.contains("Out of stock") && error.contains("/do/0/refuse"),
        "{code} {error}"
    );
    Ok(())
}

#[tokio::test]
async fn http_retry_calls_three_times_with_one_key_and_falls_back() -> Result<()> {
    let server = LocalServer::start(|_| Answer::status(503)).await?;
    let (code, output, error) = run("http-retry.yaml", &json!({"url": server.url()})).await?;
    ensure!(
        code == 0 && output == json!({"unreachable": true, "status": 503}),
        "{code} {output}\n{error}"
    );
    let requests = server.requests();
    let key = requests[0].header("idempotency-key").context("no key")?;
    ensure!(requests.len() == 3, "{} calls", requests.len());
    ensure!(
        requests
            .iter()
            .all(|request| request.header("idempotency-key") == Some(key)),
        "{requests:?}"
    );
    Ok(())
}

#[tokio::test]
async fn listen_goes_on_with_the_event_of_its_order_only() -> Result<()> {
    let (server, _folder) = Embedded::fresh().await?;
    let client = &server.client;
    client
        .store(&fs::read_to_string(folder().join("listen.yaml"))?)
        .await?;
    let id = client.start("examples/listen", json!({"order": "A-17"})).await?;
    eventually(SOON, async || {
        client.run(&id).await.is_ok_and(|run| run["state"] == "waiting")
    })
    .await?;
    for (number, order) in ["B-1", "A-17"].iter().enumerate() {
        let event = json!({
            "specversion": "1.0", "id": number.to_string(), "source": "/shop", "type": "com.example.payment",
            "data": {"order": order, "amount": 30 + number},
        });
        let request = client
            .request(reqwest::Method::POST, "/api/v1/events")
            .body(event.to_string());
        let response = request
            .header("content-type", "application/cloudevents+json")
            .send()
            .await?;
        ensure!(response.status() == 202, "{}", response.text().await?);
    }
    let run = client.ended(&id, SOON).await?;
    ensure!(run["output"] == json!({"paid": 31}), "{run}");
    Ok(())
}

#[tokio::test]
async fn cron_starts_a_run_at_each_fifth_second() -> Result<()> {
    let (server, _folder) = Embedded::fresh().await?;
    let client = &server.client;
    client
        .store(&fs::read_to_string(folder().join("cron.yaml"))?)
        .await?;
    let completed = async || -> Result<Vec<Value>> {
        let path = "/api/v1/runs?workflow=examples/cron&state=completed";
        let (_, list) = client.get(path).await?;
        Ok(list["runs"].as_array().context("no runs")?.clone())
    };
    eventually(SOON, async || completed().await.is_ok_and(|runs| runs.len() >= 2)).await?;
    let mut due = BTreeSet::new();
    for run in completed().await? {
        let at = run["run_at"].as_str().context("no run_at")?;
        let second: u8 = at[17..19].parse()?;
        ensure!(
            second.is_multiple_of(5) && at.ends_with(".000000Z"),
            "{at} is no fifth second"
        );
        ensure!(due.insert(at.to_owned()), "two runs of {at}");
    }
    Ok(())
}

#[tokio::test]
async fn every_example_is_valid_and_named_after_its_file() -> Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder())? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .context("UTF-8")?
            .to_owned();
        ensure!(
            fs::read_to_string(&path)?.contains(&format!("name: {name}\n")),
            "{name}"
        );
        names.push(path.to_str().context("UTF-8")?.to_owned());
    }
    let arguments: Vec<&str> = std::iter::once("validate")
        .chain(names.iter().map(String::as_str))
        .collect();
    let process = Process::levqor(&arguments, &[])?;
    ensure!(process.wait(SOON).await?.success(), "{}", process.output());
    ensure!(names.len() >= 11, "only {} examples", names.len());
    Ok(())
}
