//! What runs used reaches the books, and budgets stop runs between steps.

use levqor_audit::Actor;
use levqor_entities::usage;
use levqor_ledger::{Accounting, Action, NewBudget, Period, Prices, Scope, create};
use levqor_store::{RunId, RunState};
use levqor_testkit::{Answer, LocalServer, eventually};
use levqor_worker::{WorkerOptions, registry};
use serde_json::{Value, json};

use crate::bench::{Bench, PATIENCE};

/// A call costs a minor unit, time nothing.
fn options() -> WorkerOptions {
    let prices = Prices {
        worker_hour: 0,
        call: 1_000_000,
        mail: 0,
    };
    WorkerOptions {
        accounting: Accounting {
            prices,
            ..Accounting::default()
        },
        ..Bench::options()
    }
}

async fn used(bench: &Bench) -> Vec<usage::Model> {
    let db = bench.store.db();
    usage::secure_find(bench.tenant).all(db.reader()).await.unwrap()
}

async fn budget(bench: &Bench, scope: Scope, subject: &str, most: i64, action: Action) {
    let new = NewBudget {
        scope,
        subject: subject.to_owned(),
        period: Period::Total,
        most,
        action,
    };
    create(&bench.platform(), bench.tenant, new, Actor::Operator)
        .await
        .unwrap();
}

/// Waits for the run's end.
async fn ended(bench: &Bench, run: RunId) -> RunState {
    let over = eventually(PATIENCE, || async { bench.view(run).await.state.ended() }).await;
    assert!(over.is_ok());
    bench.view(run).await.state
}

/// Two calls with a pure step between.
fn two_calls(url: &str) -> String {
    format!(
        "
- first: {{call: http, with: {{method: get, endpoint: '{url}/1'}}}}
- between: {{set: {{n: 1}}}}
- second: {{call: http, with: {{method: get, endpoint: '{url}/2'}}}}
"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_has_spent_its_budget_makes_no_further_call() {
    let bench = Bench::new().await;
    let server = LocalServer::start(|_| Answer::json("1")).await.unwrap();
    budget(&bench, Scope::Tenant, "", 1, Action::Stop).await;
    let worker = bench.worker_with(registry(), options()).await;
    let run = bench.start(&two_calls(&server.url()), json!({})).await;
    let error = bench.error(run).await;
    assert_eq!(error["type"], "urn:levqor:error:budget_exhausted");
    assert_eq!(error["status"], 402);
    assert!(
        error["detail"].as_str().unwrap().contains("GBP 0.01 in all"),
        "{error}"
    );
    assert_eq!(worker.stats().attempts.get(), 1);
    assert_eq!(worker.stats().budget_stops.get(), 1);
    let journal = bench.journal(run).await;
    assert!(
        journal.iter().any(|entry| entry.path == "/do/0/first"),
        "what was done is journaled: {journal:?}"
    );
    let rows = used(&bench).await;
    assert_eq!((rows.len(), rows[0].faulted, rows[0].calls), (1, 1, 1));
    let stopped = eventually(PATIENCE, || async {
        // What is known of a budget is a second old at most.
        let late = bench.start("- a: {call: noop}\n", json!({})).await;
        ended(&bench, late).await == RunState::Faulted
    });
    assert!(stopped.await.is_ok(), "nothing is left for others");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_that_only_refuses_or_is_another_workflows_stops_no_run() {
    let bench = Bench::new().await;
    let server = LocalServer::start(|_| Answer::json("1")).await.unwrap();
    budget(&bench, Scope::Tenant, "", 0, Action::Refuse).await;
    budget(&bench, Scope::Workflow, "test/other", 0, Action::Stop).await;
    let _worker = bench.worker_with(registry(), options()).await;
    let run = bench.start(&two_calls(&server.url()), json!({})).await;
    assert_eq!(bench.output(run).await, json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_of_the_installation_are_never_stopped() {
    let bench = Bench::new().await;
    budget(&bench, Scope::Tenant, "", 0, Action::Stop).await;
    let document = json!({
        "document": {"dsl": "1.0.3", "namespace": "levqor", "name": "ours", "version": "1.0.0"},
        "do": [{"a": {"call": "noop"}}],
    });
    let workflow = bench.put("ours", document.to_string().into_bytes()).await;
    let _worker = bench.worker_with(registry(), options()).await;
    let run = bench.run(workflow, json!({})).await;
    assert_eq!(bench.output(run).await, Value::Null);
    let rows = used(&bench).await;
    assert_eq!((rows[0].completed, rows[0].unvalued, rows[0].earned), (1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_worker_committed_counts_once() {
    let bench = Bench::new().await;
    let server = LocalServer::start(|request| {
        if request.path.ends_with("/2") {
            Answer::json("2").after(std::time::Duration::from_hours(1))
        } else {
            Answer::json("1")
        }
    })
    .await
    .unwrap();
    let first = bench.worker_with(registry(), options()).await;
    let run = bench.start(&two_calls(&server.url()), json!({})).await;
    server.wait_for(2, PATIENCE).await.unwrap();
    let id = first.id();
    first.abort().await;
    server.respond(|_| Answer::json("3"));
    let _second = bench.worker_with(registry(), options()).await;
    assert_eq!(bench.bury_and_rescue(id).await, 1);
    assert_eq!(bench.output(run).await, json!(3));
    let rows = used(&bench).await;
    assert_eq!(
        (rows.len(), rows[0].completed, rows[0].calls),
        (1, 1, 2),
        "the call before the crash and the one after, not the one that was lost"
    );
    assert!(rows[0].worker_us > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completed_run_is_worth_what_its_document_says() {
    let bench = Bench::new().await;
    let valued = |amount: i64, currency: &str| {
        let value = json!({"amount": amount, "currency": currency});
        json!({
            "document": {"dsl": "1.0.3", "namespace": "test", "name": "v", "version": "1.0.0",
                "metadata": {"levqor.value": value}},
            "do": [{"a": {"call": "noop"}}],
        })
    };
    let _worker = bench.worker_with(registry(), options()).await;
    let mut runs = Vec::new();
    for (name, document) in [("v", valued(12, "GBP")), ("w", valued(50, "EUR"))] {
        let workflow = bench.put(name, document.to_string().into_bytes()).await;
        runs.push(bench.run(workflow, json!({})).await);
    }
    runs.push(bench.start("- a: {call: noop}\n", json!({})).await);
    for run in runs {
        assert_eq!(ended(&bench, run).await, RunState::Completed);
    }
    let counted = eventually(PATIENCE, || async { used(&bench).await.len() == 3 }).await;
    assert!(counted.is_ok());
    let rows = used(&bench).await;
    let earned: i64 = rows.iter().map(|row| row.earned).sum();
    let unvalued: i64 = rows.iter().map(|row| row.unvalued).sum();
    assert_eq!(
        (earned, unvalued),
        (12, 1),
        "another currency than that of the books earns nothing"
    );
}
