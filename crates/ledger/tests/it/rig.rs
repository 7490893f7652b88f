//! A tenant with two workflows, what its runs used, and what the books must say then.

use std::collections::HashMap;

use levqor_entities::{ledger_accounts, ledger_entries, ledger_postings, usage, usage_days};
use levqor_ledger::{Accounting, Booked, MICROS, PlanValues, fold};
use levqor_platform::testing::TestPlatform;
use levqor_store::{KeyId, NewWorkflow, Timestamp, WorkflowId};
use sea_orm::{ActiveValue::Set, Insert};
use uuid::Uuid;

/// What one run used.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Run {
    /// 0 or 1: of which workflow; None: a mail.
    pub(crate) workflow: Option<usize>,
    pub(crate) key: Option<u128>,
    pub(crate) days_ago: i64,
    pub(crate) worker_us: i64,
    pub(crate) calls: i64,
    /// Named by its document; None: it completed and names none.
    pub(crate) value: Option<i64>,
}

pub(crate) struct Rig {
    pub(crate) app: TestPlatform,
    pub(crate) accounting: Accounting,
    workflows: [WorkflowId; 2],
}

/// Sums over all days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) completed: i64,
    pub(crate) worker_us: i64,
    pub(crate) calls: i64,
    pub(crate) mails: i64,
    pub(crate) earned: i64,
}

impl Rig {
    pub(crate) async fn over(app: TestPlatform) -> Self {
        let workflows = [(); 2].map(|()| WorkflowId(app.platform.ids.uuid_v7()));
        for (name, id) in ["alpha", "beta"].into_iter().zip(workflows) {
            let workflow = NewWorkflow {
                id,
                tenant: app.tenant,
                namespace: "shop".to_owned(),
                name: name.to_owned(),
                version: "1.0.0".to_owned(),
                hash: [7; 32],
                document: b"{}".to_vec(),
                schedule: None,
            };
            app.store.put_workflow(&workflow).await.unwrap();
        }
        let accounting = Accounting {
            values: PlanValues::parse("pro=3").unwrap(),
            ..Accounting::default()
        };
        Self {
            app,
            accounting,
            workflows,
        }
    }

    pub(crate) async fn now(&self) -> Timestamp {
        self.app.platform.db.now().await.unwrap()
    }

    /// Writes what a run used, as the end of a run or the sending of a mail does.
    pub(crate) async fn used(&self, run: Run) {
        let at = Timestamp(self.now().await.0 - run.days_ago * 86_400_000_000);
        let tenant = self.app.tenant;
        let row = match run.workflow {
            None => usage::of_mails(tenant, at, 1),
            Some(workflow) => usage::ActiveModel {
                workflow_id: Set(Some(self.workflows[workflow])),
                key_id: Set(run.key.map(|key| KeyId(Uuid::from_u128(key)))),
                completed: Set(1),
                worker_us: Set(run.worker_us),
                calls: Set(run.calls),
                mails: Set(0),
                earned: Set(run.value.unwrap_or(0)),
                unvalued: Set(i64::from(run.value.is_none())),
                ..usage::of_mails(tenant, at, 0)
            },
        };
        let tx = self.app.platform.db.begin().await.unwrap();
        Insert::one(row).exec_without_returning(&*tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn booked(&self, limit: i64) -> Booked {
        fold(&self.app.platform, &self.accounting, limit).await.unwrap()
    }

    pub(crate) async fn fold(&self, limit: i64) -> usize {
        self.booked(limit).await.rows
    }

    pub(crate) async fn fold_all(&self) {
        while self.fold(100).await > 0 {}
    }

    pub(crate) async fn waiting(&self) -> usize {
        let rows = usage::secure_find(self.app.tenant);
        rows.all(self.app.platform.db.reader()).await.unwrap().len()
    }

    pub(crate) async fn days(&self) -> Vec<usage_days::Model> {
        let rows = usage_days::secure_find(self.app.tenant);
        rows.all(self.app.platform.db.reader()).await.unwrap()
    }

    pub(crate) async fn postings(&self) -> Vec<ledger_postings::Model> {
        let rows = ledger_postings::secure_find(self.app.tenant);
        rows.all(self.app.platform.db.reader()).await.unwrap()
    }

    /// Balance and carry by account.
    pub(crate) async fn accounts(&self) -> HashMap<String, (i64, i64)> {
        let rows = ledger_accounts::secure_find(self.app.tenant);
        let rows = rows.all(self.app.platform.db.reader()).await.unwrap();
        let pair = |row: ledger_accounts::Model| (row.account, (row.balance, row.carry));
        rows.into_iter().map(pair).collect()
    }

    pub(crate) async fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for day in self.days().await {
            totals.completed += day.completed;
            totals.worker_us += day.worker_us;
            totals.calls += day.calls;
            totals.mails += day.mails;
            totals.earned += day.earned;
        }
        totals
    }

    /// Everything that must hold of the books, whatever happened.
    pub(crate) async fn check(&self) {
        let accounts = self.accounts().await;
        let sum: i64 = accounts.values().map(|(balance, _)| balance).sum();
        assert_eq!(sum, 0, "balances sum to zero: {accounts:?}");
        let mut moved: HashMap<String, i64> = HashMap::new();
        let postings = self.postings().await;
        for posting in &postings {
            *moved.entry(posting.debit.clone()).or_default() += posting.amount;
            *moved.entry(posting.credit.clone()).or_default() -= posting.amount;
        }
        for (account, (balance, _)) in &accounts {
            let moved = moved.get(account).copied().unwrap_or(0);
            assert_eq!(*balance, moved, "{account} is what was moved");
        }
        let entries = ledger_entries::secure_find(self.app.tenant);
        for entry in entries.all(self.app.platform.db.reader()).await.unwrap() {
            assert!(
                postings.iter().any(|posting| posting.entry_id == entry.id),
                "an entry moves something"
            );
        }
        self.check_costs(&accounts).await;
    }

    /// What was booked and what is carried come to what the days cost, to the millionth.
    async fn check_costs(&self, accounts: &HashMap<String, (i64, i64)>) {
        let of = |account: &str| {
            let (balance, carry) = accounts.get(account).copied().unwrap_or_default();
            balance * MICROS + carry
        };
        let mut costs = [0; 3];
        for day in self.days().await {
            let (worker, carry) = self.accounting.prices.worker(day.worker_us, 0);
            assert_eq!((day.cost_worker, day.worker_carry), (worker, carry), "{day:?}");
            costs[0] += day.cost_worker;
            costs[1] += day.cost_calls;
            costs[2] += day.cost_mails;
        }
        let booked = ["expense:worker", "expense:calls", "expense:mails"].map(of);
        assert_eq!(booked, costs);
        assert_eq!(of("receivable:value"), self.totals().await.earned * MICROS);
    }
}
