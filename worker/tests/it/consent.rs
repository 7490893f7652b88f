//! The process that ends the wait for confirmations, and the one that writes marketing mail, as runs.

use std::{sync::Arc, time::Duration};

use levqor_accounts::Email;
use levqor_audit::Actor;
use levqor_consent::{
    Ask, Evidence, Filter, Scope, Status, ask, confirm, list, put_sender,
    send::{Order, order},
};
use levqor_entities::mails;
use levqor_platform::{Platform, testing::ManualClock};
use levqor_processes::SYSTEM;
use levqor_store::{RunId, RunState, TenantId};
use levqor_testkit::eventually;
use levqor_worker::registry;
use serde_json::{Value, json};

use crate::bench::{Bench, PATIENCE};

/// Asks this address.
async fn asked(bench: &Bench, email: &str) {
    let question = Ask {
        email: Email::parse(email).unwrap(),
        scope: Scope::parse("marketing").unwrap(),
        source: "test".to_owned(),
        wording: "Yes.".to_owned(),
        locale: None,
        user: None,
        evidence: Evidence::default(),
        actor: Actor::Anonymous,
    };
    ask(&bench.platform(), bench.tenant, question).await.unwrap();
}

/// How it stands with all who were asked.
async fn statuses(bench: &Bench) -> Vec<Status> {
    let found = list(&bench.platform().db, bench.tenant, &Filter::default(), 1_000).await;
    found.unwrap().into_iter().map(|consent| consent.status).collect()
}

async fn mails(bench: &Bench) -> Vec<mails::Model> {
    let found = mails::secure_find(bench.tenant)
        .all(bench.platform().db.reader())
        .await;
    found.unwrap()
}

async fn output(bench: &Bench, tenant: TenantId, run: RunId) -> Value {
    let view = async || bench.store.run(tenant, run).await.unwrap().unwrap();
    let over = eventually(PATIENCE, || async { view().await.ended_at.is_some() }).await;
    let view = view().await;
    assert!(over.is_ok() && view.state == RunState::Completed, "{view:?}");
    serde_json::from_slice(&view.output.unwrap()).unwrap()
}

async fn nightly(bench: &Bench, platform: &Platform, night: &str) {
    let run = platform
        .processes
        .start(SYSTEM, "consent-expiry", night, &json!({}))
        .await
        .unwrap();
    output(bench, SYSTEM, run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_2_8_the_nightly_process_expires_and_later_purges_what_nobody_confirmed() {
    let clock = Arc::new(ManualClock::default());
    let bench = Bench::with_clock(clock.clone()).await;
    let platform = bench.platform();
    platform.processes.install_system().await.unwrap();
    for number in 0..250 {
        asked(&bench, &format!("p{number}@example.com")).await;
    }
    let _worker = bench.worker(registry()).await;
    nightly(&bench, &platform, "first").await;
    assert_eq!(statuses(&bench).await, [Status::PendingDoubleOptIn; 250]);
    clock.advance(Duration::from_hours(24 * 8));
    nightly(&bench, &platform, "second").await;
    assert_eq!(statuses(&bench).await, [Status::Expired; 250]);
    clock.advance(Duration::from_hours(24 * 23));
    nightly(&bench, &platform, "third").await;
    assert_eq!(statuses(&bench).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_run_expires_and_purges_nothing() {
    let bench = Bench::new().await;
    asked(&bench, "ada@example.com").await;
    let _worker = bench.worker(registry()).await;
    for call in ["consent_expire", "consent_purge"] {
        let run = bench
            .start(&format!("  - a: {{call: {call}, with: {{}}}}"), json!({}))
            .await;
        assert_eq!(bench.error(run).await["status"], 403, "{call}");
    }
    assert_eq!(statuses(&bench).await, [Status::PendingDoubleOptIn]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_written_by_its_own_tenants_run_only() {
    let bench = Bench::new().await;
    let platform = bench.platform();
    platform.processes.install_system().await.unwrap();
    asked(&bench, "ada@example.com").await;
    let text = mails(&bench).await[0].text.clone().unwrap();
    let at = text.find("lvc_").unwrap();
    let token = &text[at..at + 68];
    confirm(&platform, token, |_| Ok(Evidence::default()))
        .await
        .unwrap()
        .unwrap();
    put_sender(&platform, bench.tenant, "Acme".to_owned(), "Leeds".to_owned())
        .await
        .unwrap();
    let news = Order {
        key: None,
        request_hash: [0; 32],
        scope: Scope::parse("marketing").unwrap(),
        subject: "News".to_owned(),
        text: "News.".to_owned(),
        html: String::new(),
        recipients: None,
    };
    let placed = order(&platform, bench.tenant, news).await.unwrap();
    let (input, _worker) = (json!({"send": placed.id}), bench.worker(registry()).await);
    let foreign = platform
        .processes
        .start(SYSTEM, "marketing-send", "x", &input)
        .await
        .unwrap();
    let view = async || bench.store.run(SYSTEM, foreign).await.unwrap().unwrap();
    eventually(PATIENCE, || async { view().await.state == RunState::Faulted })
        .await
        .unwrap();
    assert_eq!(mails(&bench).await.len(), 1);
    let own = platform
        .processes
        .start(bench.tenant, "marketing-send", "x", &input)
        .await
        .unwrap();
    assert_eq!(
        output(&bench, bench.tenant, own).await,
        json!({"queued": 1, "passed_over": 0})
    );
    assert_eq!(mails(&bench).await.len(), 2);
}
