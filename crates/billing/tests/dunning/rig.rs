//! A tenant with a customer, events of it, and what came of them.

use std::time::Duration;

use anyhow::{Context, Result};
use levqor_billing::{Advance, Payer, Stage, Status, advance, link, process, receive, start_runs, status};
use levqor_entities::{audit_events, mails, stripe_events};
use levqor_platform::{Platform, testing::TestPlatform};
use levqor_store::Timestamp;
use sea_orm::QueryOrder;
use serde_json::{Value, json};

pub(crate) const DAY: Duration = Duration::from_hours(24);

pub(crate) struct Rig {
    pub(crate) test: TestPlatform,
    /// When the rig was made, in seconds.
    pub(crate) start: i64,
    events: std::cell::Cell<usize>,
}

impl Rig {
    /// On SQLite, with its customer linked.
    pub(crate) async fn new() -> Result<Self> {
        let rig = Self::over(TestPlatform::sqlite().await).await?;
        rig.link().await?;
        Ok(rig)
    }

    /// Over this database, with nobody linked.
    pub(crate) async fn over(test: TestPlatform) -> Result<Self> {
        test.platform.processes.install_system().await?;
        let start = test.platform.db.now().await?.0 / 1_000_000;
        Ok(Self {
            test,
            start,
            events: std::cell::Cell::default(),
        })
    }

    pub(crate) fn platform(&self) -> &Platform {
        &self.test.platform
    }

    pub(crate) async fn link(&self) -> Result<()> {
        let payer = Payer {
            customer: "cus_1".to_owned(),
            email: Some(" Pay@Acme.Test ".to_owned()),
            locale: None,
        };
        Ok(link(self.platform(), self.test.tenant, &payer).await?)
    }

    pub(crate) async fn now(&self) -> Result<Timestamp> {
        Ok(self.platform().db.now().await?)
    }

    /// Forward by so many days.
    pub(crate) fn turn(&self, days: u32) {
        self.test.clock.advance(DAY * days);
    }

    /// An event about something of `cus_1`, made this many seconds after the start.
    pub(crate) fn event(&self, kind: &str, after: i64, mut object: Value) -> Value {
        self.events.set(self.events.get() + 1);
        if object["customer"].is_null() {
            object["customer"] = json!("cus_1");
        }
        let id = format!("evt_{}", self.events.get());
        json!({"id": id, "type": kind, "created": self.start + after, "data": {"object": object}})
    }

    /// The first payment of this invoice failed at the start.
    pub(crate) fn failed(&self, id: &str) -> Value {
        self.event("invoice.payment_failed", 0, invoice(id, "open", 123_450))
    }

    pub(crate) fn paid(&self, id: &str) -> Value {
        self.event("invoice.paid", 3_600, invoice(id, "paid", 0))
    }

    /// Receives and processes these.
    pub(crate) async fn take(&self, events: &[Value]) -> Result<()> {
        for event in events {
            receive(&self.platform().db, event.to_string().as_bytes()).await?;
        }
        process(self.platform()).await?;
        start_runs(self.platform()).await?;
        Ok(())
    }

    pub(crate) async fn advance(&self, invoice: &str) -> Result<Advance> {
        Ok(advance(self.platform(), self.test.tenant, invoice).await?)
    }

    /// Whatever is due is done; the stage reached.
    pub(crate) async fn reach(&self, invoice: &str) -> Result<Option<Stage>> {
        Ok(self.advance(invoice).await?.stage)
    }

    pub(crate) async fn status(&self) -> Result<Status> {
        Ok(status(&self.platform().db, self.test.tenant).await?)
    }

    pub(crate) async fn suspended(&self) -> Result<bool> {
        Ok(levqor_billing::suspended(&self.platform().db, self.test.tenant).await?)
    }

    /// Letters written, in order.
    pub(crate) async fn mails(&self) -> Result<Vec<mails::Model>> {
        let mails = mails::secure_find(self.test.tenant).order_by_asc(mails::Column::Id);
        Ok(mails.all(self.platform().db.reader()).await?)
    }

    /// Keys of letters written, in order.
    pub(crate) async fn letters(&self) -> Result<Vec<String>> {
        Ok(self.mails().await?.into_iter().map(|mail| mail.key).collect())
    }

    /// Kinds in the audit trail, in order.
    pub(crate) async fn trail(&self) -> Result<Vec<String>> {
        let entries = audit_events::secure_find(self.test.tenant).order_by_asc(audit_events::Column::Seq);
        let entries = entries.all(self.platform().db.reader()).await?;
        Ok(entries.into_iter().map(|entry| entry.kind).collect())
    }

    /// How far this event is.
    pub(crate) async fn state(&self, event: &Value) -> Result<stripe_events::State> {
        use sea_orm::{ColumnTrait, QueryFilter};
        let id = event["id"].as_str().context("no id")?;
        let states = [
            stripe_events::State::Pending,
            stripe_events::State::Done,
            stripe_events::State::Unlinked,
            stripe_events::State::Unreadable,
        ];
        for state in states {
            let found = stripe_events::find_in(state).filter(stripe_events::Column::Id.eq(id));
            if found.one(self.platform().db.reader()).await?.is_some() {
                return Ok(state);
            }
        }
        anyhow::bail!("{id} is not stored")
    }
}

/// An invoice over GBP 1,234.50 of which so much is not paid.
pub(crate) fn invoice(id: &str, status: &str, remaining: i64) -> Value {
    json!({"id": id, "object": "invoice", "number": format!("LVQ-{id}"), "status": status, "amount_due": 123_450,
        "amount_remaining": remaining, "attempt_count": 1, "currency": "gbp", "billing_reason": "subscription_cycle",
        "hosted_invoice_url": format!("https://invoice.stripe.com/i/{id}"),
        "parent": {"subscription_details": {"subscription": "sub_1"}}})
}
