//! The process of retention as a run, and the class of runs that ended.

use levqor_processes::SYSTEM;
use levqor_retention::install;
use levqor_store::{RunId, RunState, TenantId};
use levqor_testkit::eventually;
use levqor_worker::registry;
use levqor_workflow::Known;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::bench::{Bench, PATIENCE};

async fn number(bench: &Bench, sql: &str) -> i64 {
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    let row = bench
        .platform()
        .db
        .reader()
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index(0).unwrap()
}

/// So many mails that were sent in 1970.
async fn old_mails(bench: &Bench, count: u32) {
    let tx = bench.platform().db.begin().await.unwrap();
    for n in 0..count {
        let sql = format!(
            "INSERT INTO mails (tenant_id, id, key, recipient, kind, template, subject, attachments, state, attempts, due,
                                created_at, ended_at)
             VALUES (x'{tenant}', x'{n:032x}', '{n}', 'a@example.com', 'transactional', 'test', 'Test', '[]', 'sent', 1, 0, 0, 1)",
            tenant = bench.tenant.0.simple()
        );
        tx.execute_unprepared(&sql).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn ended(bench: &Bench, tenant: TenantId, run: RunId) -> Value {
    let view = async || bench.store.run(tenant, run).await.unwrap().unwrap();
    let over = eventually(PATIENCE, || async { view().await.ended_at.is_some() }).await;
    let view = view().await;
    assert!(over.is_ok() && view.state == RunState::Completed, "{view:?}");
    serde_json::from_slice(&view.output.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_10_the_nightly_process_sweeps_every_rule_and_certifies() {
    let bench = Bench::new().await;
    let platform = bench.platform();
    install(&platform.db).await.unwrap();
    platform.processes.install_system().await.unwrap();
    old_mails(&bench, 3).await;
    let worker = bench.worker(registry()).await;
    for (key, rows) in [("first", 3), ("second", 0)] {
        let run = platform
            .processes
            .start(SYSTEM, "retention", key, &json!({}))
            .await
            .unwrap();
        let output = ended(&bench, SYSTEM, run).await;
        assert_eq!(
            (&output["rows"], &output["complete"]),
            (&json!(rows), &json!(true)),
            "{output}"
        );
    }
    assert_eq!(number(&bench, "SELECT count(*) FROM mails").await, 0);
    assert_eq!(
        number(&bench, "SELECT count(*) FROM retention_certificates").await,
        3
    );
    assert_eq!(number(&bench, "SELECT count(*) FROM retention_sweeps").await, 0);
    worker.drain(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_10_a_customers_run_cannot_sweep() {
    let bench = Bench::new().await;
    old_mails(&bench, 1).await;
    let _worker = bench.worker(registry()).await;
    for call in ["retention_plan", "retention_certify"] {
        let run = bench
            .start(&format!("  - a: {{call: {call}, with: {{}}}}"), json!({}))
            .await;
        assert_eq!(bench.error(run).await["status"], 403, "{call}");
    }
    let run = bench
        .start(
            "  - a: {call: retention_sweep, with: {dataset: mails}}",
            json!({}),
        )
        .await;
    assert_eq!(bench.error(run).await["status"], 403);
    assert_eq!(number(&bench, "SELECT count(*) FROM mails").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_10_1_a_run_is_kept_by_the_class_that_its_document_asks_for() {
    let bench = Bench::new().await;
    let _worker = bench.worker(registry()).await;
    for (class, metadata) in [
        ("standard", ""),
        ("short", ", metadata: {levqor.retention: short}"),
        ("long", ", metadata: {levqor.retention: long}"),
    ] {
        let text = format!(
            "document: {{dsl: '1.0.3', namespace: test, name: {class}, version: '1.0.0'{metadata}}}\ndo:\n  - a: {{call: noop}}\n"
        );
        let definition = levqor_workflow::parse(text.as_bytes(), &Known::default()).unwrap();
        let workflow = bench.put(class, levqor_workflow::canonical(&definition)).await;
        let run = bench.run(workflow, json!({})).await;
        bench.output(run).await;
        let id = run.0.simple();
        let sql = format!("SELECT count(*) FROM ended WHERE id = x'{id}' AND class = '{class}'");
        assert_eq!(number(&bench, &sql).await, 1, "{class}");
    }
}
