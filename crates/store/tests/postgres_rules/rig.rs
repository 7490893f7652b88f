//! A migrated database with a store, a tenant and a worker; short ways to make runs; connections of the test.

use std::{
    future::Future,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use levqor_store::{
    Append, Catalogue, ClaimRequest, ClaimedRun, Delivery, DeliveryFate, End, EndState, InboxKind,
    IntakeFate, IntakeStore, NewRun, NewWorkflow, Park, ReadStore, RetentionClass, RunId, RunState,
    SchedulerStore, Store, StoreError, Tenant, TenantId, Timestamp, WorkerId, WorkerInfo, WorkerStore,
    WorkflowId, WriteFate,
    postgres::{Options, PostgresStore, migrate},
};
use levqor_testkit::{Postgres, eventually};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::task::JoinHandle;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Rig {
    pub(crate) url: String,
    pub(crate) store: Arc<PostgresStore>,
    pub(crate) tenant: TenantId,
    pub(crate) workflow: WorkflowId,
    pub(crate) worker: WorkerId,
    now: Timestamp,
    ids: AtomicU64,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        let url = Postgres::shared().await.unwrap().create_database().await.unwrap();
        migrate(&url).await.unwrap();
        let store = Arc::new(PostgresStore::connect(&url, Options::default()).await.unwrap());
        let now = store.now().await.unwrap();
        let nil = Uuid::nil();
        let (tenant, workflow, worker) = (TenantId(nil), WorkflowId(nil), WorkerId(nil));
        let mut rig = Self {
            url,
            store,
            tenant,
            workflow,
            worker,
            now,
            ids: AtomicU64::new(1),
        };
        (rig.tenant, rig.workflow) = (TenantId(rig.id()), WorkflowId(rig.id()));
        rig.catalogue().await;
        rig.worker = rig.new_worker().await;
        rig
    }

    async fn catalogue(&self) {
        let tenant = Tenant {
            id: self.tenant,
            name: "tenant".to_owned(),
            plan: "pro".to_owned(),
        };
        self.store.create_tenant(&tenant).await.unwrap();
        let workflow = NewWorkflow {
            id: self.workflow,
            tenant: self.tenant,
            namespace: "rules".to_owned(),
            name: "work".to_owned(),
            version: "1.0.0".to_owned(),
            hash: [1; 32],
            document: b"{}".to_vec(),
            schedule: None,
        };
        self.store.put_workflow(&workflow).await.unwrap();
    }

    /// UUIDv7-shaped and increasing.
    pub(crate) fn id(&self) -> Uuid {
        let millis = u128::try_from(self.now.0 / 1_000).unwrap();
        let count = u128::from(self.ids.fetch_add(1, Ordering::Relaxed));
        Uuid::from_u128(millis << 80 | 0x7 << 76 | 0x2 << 62 | count)
    }

    pub(crate) async fn new_worker(&self) -> WorkerId {
        let worker = WorkerId(self.id());
        let info = WorkerInfo {
            name: "rules".to_owned(),
            slots: 8,
            version: "0".to_owned(),
        };
        self.store.register_worker(worker, &info).await.unwrap();
        worker
    }

    pub(crate) fn new_run(&self) -> NewRun {
        NewRun {
            id: RunId(self.id()),
            tenant: self.tenant,
            workflow: self.workflow,
            priority: 1,
            run_at: None,
            input: b"{}".to_vec(),
            callback_url: None,
            idempotency: None,
            key: None,
            trace: None,
        }
    }

    pub(crate) async fn accept(&self) -> RunId {
        let run = self.new_run();
        let fates = self
            .store
            .intake(self.id(), std::slice::from_ref(&run))
            .await
            .unwrap();
        assert_eq!(fates, [IntakeFate::Accepted { ready: true }]);
        run.id
    }

    pub(crate) async fn claim_as(&self, worker: WorkerId, run: RunId, epoch: i32) -> Option<ClaimedRun> {
        let wanted = [ClaimRequest {
            run,
            epoch,
            token: self.id(),
        }];
        self.store.claim(worker, &wanted).await.unwrap().pop()
    }

    pub(crate) async fn claim(&self, run: RunId, epoch: i32) -> ClaimedRun {
        self.claim_as(self.worker, run, epoch).await.unwrap()
    }

    /// Accepted and claimed: epoch 1, seq 0, inbox 0.
    pub(crate) async fn running(&self) -> RunId {
        let run = self.accept().await;
        self.claim(run, 0).await;
        run
    }

    pub(crate) async fn append(&self, append: &Append) -> WriteFate {
        self.store
            .append(std::slice::from_ref(append))
            .await
            .unwrap()
            .remove(0)
    }

    pub(crate) async fn park(&self, park: &Park) -> WriteFate {
        self.store
            .park(std::slice::from_ref(park))
            .await
            .unwrap()
            .remove(0)
    }

    pub(crate) async fn end(&self, end: &End) -> WriteFate {
        self.store.end(std::slice::from_ref(end)).await.unwrap().remove(0)
    }

    pub(crate) fn delivery(&self, run: RunId) -> Delivery {
        Delivery {
            tenant: self.tenant,
            run,
            kind: InboxKind::Cancel,
            body: b"{}".to_vec(),
        }
    }

    pub(crate) async fn deliver(&self, run: RunId) -> DeliveryFate {
        self.store
            .deliver(self.id(), &[self.delivery(run)])
            .await
            .unwrap()
            .remove(0)
    }

    pub(crate) async fn state(&self, run: RunId) -> Option<RunState> {
        self.store
            .run(self.tenant, run)
            .await
            .unwrap()
            .map(|view| view.state)
    }

    /// Leads as a process of its own that nobody follows for an hour.
    pub(crate) async fn lead(&self) -> i64 {
        let holder = WorkerId(self.id());
        self.store
            .lead(holder, Duration::from_hours(1))
            .await
            .unwrap()
            .unwrap()
    }

    pub(crate) async fn bury(&self, term: i64, worker: WorkerId) {
        assert!(self.store.bury(term, worker, 0).await.unwrap());
    }

    /// Lets a call of the store run beside the test.
    pub(crate) fn start<T, F>(
        &self,
        call: impl FnOnce(Arc<PostgresStore>) -> F,
    ) -> JoinHandle<Result<T, StoreError>>
    where
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
        T: Send + 'static,
    {
        tokio::spawn(call(Arc::clone(&self.store)))
    }

    /// A connection of the test.
    pub(crate) async fn connection(&self) -> Db {
        Db(PgConnection::connect(&self.url).await.unwrap())
    }

    /// Returns when `count` sessions of this database wait for a lock.
    pub(crate) async fn until_waiting(&self, count: i64) {
        let db = tokio::sync::Mutex::new(self.connection().await);
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let reached = async || db.lock().await.number(waiting).await == count;
        eventually(PATIENCE, reached).await.unwrap();
    }
}

/// A connection of the test.
pub(crate) struct Db(pub(crate) PgConnection);

impl Db {
    /// A connection that a pooler takes: it sends no parameter that poolers do not know.
    pub(crate) async fn without_parameters(url: &str) -> Self {
        let options = PgConnectOptions::from_str(url).unwrap().extra_float_digits(None);
        Self(PgConnection::connect_with(&options).await.unwrap())
    }

    /// One or more statements; answers how many rows they changed.
    pub(crate) async fn run(&mut self, sql: impl Into<String>) -> u64 {
        self.try_run(sql).await.unwrap()
    }

    pub(crate) async fn try_run(&mut self, sql: impl Into<String>) -> Result<u64, sqlx::Error> {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.into()))
            .execute(&mut self.0)
            .await?;
        Ok(done.rows_affected())
    }

    /// The first column of the only row.
    pub(crate) async fn number(&mut self, sql: impl Into<String>) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.into()))
            .fetch_one(&mut self.0)
            .await
            .unwrap()
    }
}

/// An append of one entry that names its place.
pub(crate) fn append(run: RunId, epoch: i32, seq: i32) -> Append {
    Append {
        run,
        epoch,
        seq,
        body: format!("[{{\"e\":{epoch},\"s\":{seq}}}]").into_bytes(),
        outbox: vec![],
    }
}

/// A park with one entry.
pub(crate) fn park(run: RunId, epoch: i32, seq: i32, inbox: i32) -> Park {
    let body = Some(b"[{\"parked\":true}]".to_vec());
    Park {
        run,
        epoch,
        seq,
        body,
        inbox,
        timers: vec![],
        subscriptions: vec![],
        outbox: vec![],
    }
}

/// A completed end.
pub(crate) fn end(run: RunId, epoch: i32, seq: i32, inbox: i32) -> End {
    let output = Some(b"{}".to_vec());
    let (state, journal) = (EndState::Completed, b"[]".to_vec());
    End {
        run,
        epoch,
        seq,
        inbox,
        state,
        class: RetentionClass::Standard,
        output,
        error: None,
        journal,
        outbox: vec![],
        usage: levqor_store::Usage::default(),
    }
}

/// Makes the next journal insert of this run wait until [`release`]: it takes the place in an open transaction.
pub(crate) async fn hold_journal(db: &mut Db, run: RunId, seq: i32) {
    db.run(format!(
        "BEGIN; INSERT INTO journal (run_id, seq, epoch, body) VALUES ('{run}', {seq}, 99, '')"
    ))
    .await;
}

/// Makes the next inbox insert of this run wait until [`release`].
pub(crate) async fn hold_inbox(db: &mut Db, run: RunId, n: i32) {
    db.run(format!(
        "BEGIN; INSERT INTO inbox (run_id, n, kind, body, at) VALUES ('{run}', {n}, 1, '', 0)"
    ))
    .await;
}

/// Gives the place back.
pub(crate) async fn release(db: &mut Db) {
    db.run("ROLLBACK").await;
}
