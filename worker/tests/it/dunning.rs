//! The run of an invoice that is past due, on a clock that is turned.

use std::{sync::Arc, time::Duration};

use levqor_billing::{Payer, link, process, receive, start_runs};
use levqor_entities::{billing_invoices, mails};
use levqor_platform::{Platform, testing::ManualClock};
use levqor_processes::SYSTEM;
use levqor_store::{RunId, RunState};
use levqor_testkit::eventually;
use levqor_worker::{WorkerHandle, registry};
use serde_json::{Value, json};

use crate::bench::{Bench, PATIENCE};

const DAY: Duration = Duration::from_hours(24);

struct Month {
    bench: Bench,
    clock: Arc<ManualClock>,
    platform: Platform,
    _worker: WorkerHandle,
}

impl Month {
    async fn begin() -> Self {
        let clock = Arc::new(ManualClock::default());
        let bench = Bench::with_clock(clock.clone()).await;
        let platform = bench.platform();
        platform.processes.install_system().await.unwrap();
        let payer = Payer {
            customer: "cus_1".to_owned(),
            email: Some("pay@acme.test".to_owned()),
            locale: None,
        };
        link(&platform, bench.tenant, &payer).await.unwrap();
        let worker = bench.worker(registry()).await;
        Self {
            bench,
            clock,
            platform,
            _worker: worker,
        }
    }

    /// An event about the invoice, as it is delivered and processed.
    async fn event(&self, kind: &str, status: &str) {
        let now = self.platform.db.now().await.unwrap().0 / 1_000_000;
        let invoice = json!({"id": "in_1", "object": "invoice", "customer": "cus_1", "status": status,
            "amount_due": 2_900, "currency": "gbp", "billing_reason": "subscription_cycle"});
        let event = json!({"id": kind, "type": kind, "created": now, "data": {"object": invoice}});
        receive(&self.platform.db, event.to_string().as_bytes())
            .await
            .unwrap();
        process(&self.platform).await.unwrap();
        start_runs(&self.platform).await.unwrap();
    }

    async fn run(&self) -> RunId {
        let row = billing_invoices::secure_find(self.bench.tenant)
            .one(self.platform.db.reader())
            .await;
        row.unwrap().unwrap().run_id.unwrap()
    }

    async fn reaches(&self, run: RunId, state: RunState) {
        let look = || async { self.bench.store.run(SYSTEM, run).await.unwrap().unwrap() };
        let reached = eventually(PATIENCE, || async { look().await.state == state }).await;
        assert!(reached.is_ok(), "{state:?} was awaited: {:?}", look().await);
    }

    async fn letters(&self) -> Vec<String> {
        let mails = mails::secure_find(self.bench.tenant)
            .all(self.platform.db.reader())
            .await;
        let mut mails = mails.unwrap();
        mails.sort_by_key(|mail| mail.id);
        mails.into_iter().map(|mail| mail.template).collect()
    }

    /// Forward by so many days and a second, since a worker's clock runs on while the store's stands; what is due by then
    /// happens.
    async fn turn(&self, days: u32) {
        self.clock.advance(DAY * days + Duration::from_secs(1));
        self.bench.fire_timers().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_4_5_a_month_of_dunning_goes_by_in_a_moment() {
    let month = Month::begin().await;
    month.event("invoice.payment_failed", "open").await;
    let run = month.run().await;
    for (day, letters) in [(0, 1), (6, 1), (1, 2), (6, 2), (1, 3), (2, 3)] {
        month.turn(day).await;
        let told = eventually(PATIENCE, || async { month.letters().await.len() >= letters }).await;
        told.unwrap();
        month.reaches(run, RunState::Waiting).await;
        assert_eq!(month.letters().await.len(), letters);
    }
    month.turn(1).await;
    month.reaches(run, RunState::Completed).await;
    let expected = [
        "dunning_day1",
        "dunning_day7",
        "dunning_day14",
        "dunning_suspended",
    ];
    assert_eq!(month.letters().await, expected);
    assert!(
        levqor_billing::suspended(&month.platform.db, month.bench.tenant)
            .await
            .unwrap()
    );
    month.turn(13).await;
    assert_eq!(month.letters().await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_4_10_a_payment_ends_the_run_before_its_timer() {
    let month = Month::begin().await;
    month.event("invoice.payment_failed", "open").await;
    let run = month.run().await;
    month.reaches(run, RunState::Waiting).await;
    month.event("invoice.paid", "paid").await;
    month.reaches(run, RunState::Completed).await;
    assert_eq!(month.letters().await, ["dunning_day1", "payment_recovered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_of_a_tenant_cannot_dun_anybody() {
    let month = Month::begin().await;
    month.event("invoice.payment_failed", "open").await;
    month.reaches(month.run().await, RunState::Waiting).await;
    let tasks = format!(
        "- dun: {{call: dunning_stage, with: {{tenant: '{}', invoice: in_1}}}}\n",
        month.bench.tenant
    );
    let run = month.bench.start(&tasks, json!({})).await;
    let error: Value = month.bench.error(run).await;
    assert_eq!(error["status"], 403, "{error}");
}
