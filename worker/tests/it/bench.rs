//! A store in a temporary folder, a queue, workers on demand, and short ways to start and watch runs.

use std::{sync::Arc, time::Duration};

use levqor_egress::{Egress, Policy};
use levqor_engine::{Entry, decode};
use levqor_expressions::Unconfined;
use levqor_objects::Folder;
use levqor_platform::{Platform, Secrets};
use levqor_processes::Processes;
use levqor_queue::{Hint, MemoryQueue, Queue};
use levqor_store::{
    ClaimRequest, Clock, Delivery, DeliveryFate, IdSource, InboxKind, IntakeFate, NewRun, NewWorkflow,
    OutboxRow, Ready, RunId, RunState, RunView, SqliteStore, Store, Tenant, TenantId, Timestamp, WorkerId,
    WorkflowId,
};
use levqor_testkit::eventually;
use levqor_worker::{Environment, Worker, WorkerHandle, WorkerOptions, activity::Registry};
use levqor_workflow::Known;
use serde_json::Value;
use uuid::Uuid;

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

struct Ids;

#[expect(
    clippy::disallowed_methods,
    reason = "tests are where ids and randomness enter"
)]
impl IdSource for Ids {
    fn uuid_v7(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn random(&self) -> u64 {
        u64::try_from(Uuid::now_v7().as_u128() & u128::from(u64::MAX)).unwrap()
    }
}

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "tests are where time enters")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        Timestamp(i64::try_from(since.as_micros()).unwrap())
    }
}

pub(crate) struct Bench {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) tenant: TenantId,
    ids: Arc<Ids>,
    term: i64,
    objects: tempfile::TempDir,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock)).await
    }

    /// With a store whose time is this clock's.
    pub(crate) async fn with_clock(clock: Arc<dyn Clock>) -> Self {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open_temporary(clock).await.unwrap());
        let ids = Arc::new(Ids);
        let tenant = TenantId(ids.uuid_v7());
        store
            .create_tenant(&Tenant {
                id: tenant,
                name: "test".into(),
                plan: "pro".into(),
            })
            .await
            .unwrap();
        let leader = WorkerId(ids.uuid_v7());
        let term = store
            .lead(leader, Duration::from_hours(1))
            .await
            .unwrap()
            .unwrap();
        Self {
            store,
            queue: Arc::new(MemoryQueue::default()),
            tenant,
            ids,
            term,
            objects: tempfile::tempdir().unwrap(),
        }
    }

    /// A worker that looks at inboxes often, so that tests need not wait.
    pub(crate) fn options() -> WorkerOptions {
        WorkerOptions {
            watch_every: Duration::from_millis(50),
            ..WorkerOptions::default()
        }
    }

    pub(crate) async fn worker(&self, registry: Registry) -> WorkerHandle {
        self.worker_with(registry, Self::options()).await
    }

    pub(crate) async fn worker_with(&self, registry: Registry, options: WorkerOptions) -> WorkerHandle {
        Worker::start(options, self.environment(registry)).await.unwrap()
    }

    pub(crate) fn environment(&self, registry: Registry) -> Environment {
        Environment {
            store: self.store.clone(),
            beat_store: None,
            queue: self.queue.clone(),
            evaluator: Arc::new(Unconfined),
            egress: Egress::new(Policy {
                allow_loopback: true,
                ..Policy::default()
            }),
            ids: self.ids.clone(),
            clock: Arc::new(SystemClock),
            platform: self.platform(),
            observer: Arc::new(()),
            registry,
        }
    }

    pub(crate) fn platform(&self) -> Platform {
        let ids: Arc<dyn IdSource> = self.ids.clone();
        Platform {
            db: self.store.db(),
            ids: ids.clone(),
            entropy: Arc::new(|| [7; 32]),
            secrets: Some(Secrets::new([7; 32])),
            public_url: Some("https://levqor.test".into()),
            objects: Arc::new(Folder::new(self.objects.path())),
            operator_mail: None,
            processes: Processes::new(self.store.clone(), self.queue.clone(), ids),
        }
    }

    /// Stores a document whose `do` is this YAML, and gives its id.
    pub(crate) async fn workflow(&self, tasks: &str) -> WorkflowId {
        let name = format!("w{}", self.ids.uuid_v7().simple());
        let text = format!(
            "document: {{dsl: '1.0.3', namespace: test, name: {name}, version: '1.0.0'}}\ndo:\n{tasks}"
        );
        let definition = levqor_workflow::parse(text.as_bytes(), &Known::default())
            .unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"));
        self.put(&name, levqor_workflow::canonical(&definition)).await
    }

    /// Stores these bytes as a document, whatever they are.
    pub(crate) async fn put(&self, name: &str, document: Vec<u8>) -> WorkflowId {
        let id = WorkflowId(self.ids.uuid_v7());
        let workflow = NewWorkflow {
            id,
            tenant: self.tenant,
            namespace: "test".into(),
            name: name.into(),
            version: "1.0.0".into(),
            hash: [7; 32],
            document,
            schedule: None,
        };
        self.store.put_workflow(&workflow).await.unwrap();
        id
    }

    /// Accepts a run and rings for it.
    pub(crate) async fn run(&self, workflow: WorkflowId, input: Value) -> RunId {
        self.run_with(workflow, input, None).await
    }

    pub(crate) async fn run_with(&self, workflow: WorkflowId, input: Value, callback: Option<&str>) -> RunId {
        let run = self.accept(workflow, &input, callback).await;
        self.ring(run, 0).await;
        run
    }

    pub(crate) async fn accept(&self, workflow: WorkflowId, input: &Value, callback: Option<&str>) -> RunId {
        let run = NewRun {
            id: RunId(self.ids.uuid_v7()),
            tenant: self.tenant,
            workflow,
            priority: 1,
            run_at: None,
            input: input.to_string().into_bytes(),
            callback_url: callback.map(Into::into),
            idempotency: None,
            key: None,
            trace: None,
        };
        let fates = self
            .store
            .intake(self.ids.uuid_v7(), std::slice::from_ref(&run))
            .await
            .unwrap();
        assert_eq!(fates, [IntakeFate::Accepted { ready: true }]);
        run.id
    }

    /// A run of a document with these tasks.
    pub(crate) async fn start(&self, tasks: &str, input: Value) -> RunId {
        let workflow = self.workflow(tasks).await;
        self.run(workflow, input).await
    }

    pub(crate) async fn ring(&self, run: RunId, epoch: i32) {
        self.queue.push(1, &[Hint { run: run.0, epoch }]).await.unwrap();
    }

    /// Fires what is due, as the scheduler does; how many runs it wakes.
    pub(crate) async fn fire_timers(&self) -> usize {
        let ready = self.store.fire_timers(self.term, 100).await.unwrap();
        self.ring_all(&ready).await;
        ready.len()
    }

    async fn ring_all(&self, ready: &[Ready]) {
        for ready in ready {
            self.ring(ready.run, ready.epoch).await;
        }
    }

    pub(crate) async fn view(&self, run: RunId) -> RunView {
        self.store.run(self.tenant, run).await.unwrap().unwrap()
    }

    /// Waits until the run is in this state.
    pub(crate) async fn reaches(&self, run: RunId, state: RunState) -> RunView {
        let reached = eventually(PATIENCE, || async { self.view(run).await.state == state }).await;
        let view = self.view(run).await;
        assert!(reached.is_ok(), "{state:?} was awaited: {view:?}");
        view
    }

    /// Waits for the run's completion; its output.
    pub(crate) async fn output(&self, run: RunId) -> Value {
        let view = self.reaches(run, RunState::Completed).await;
        serde_json::from_slice(&view.output.unwrap()).unwrap()
    }

    /// Waits until the run faults; its error.
    pub(crate) async fn error(&self, run: RunId) -> Value {
        let view = self.reaches(run, RunState::Faulted).await;
        serde_json::from_slice(&view.error.unwrap()).unwrap()
    }

    pub(crate) async fn journal(&self, run: RunId) -> Vec<Entry> {
        decode(&self.store.journal(self.tenant, run).await.unwrap().unwrap()).unwrap()
    }

    /// Puts something into the run's inbox and rings when it has to be claimed for it.
    pub(crate) async fn deliver(&self, run: RunId, kind: InboxKind, body: &Value) {
        let delivery = Delivery {
            tenant: self.tenant,
            run,
            kind,
            body: body.to_string().into_bytes(),
        };
        let fates = self.store.deliver(self.ids.uuid_v7(), &[delivery]).await.unwrap();
        match fates.as_slice() {
            [DeliveryFate::Delivered { hint: Some(epoch) }] => self.ring(run, *epoch).await,
            [DeliveryFate::Delivered { hint: None }] => {}
            other => panic!("{other:?}"),
        }
    }

    /// Fires timers as the scheduler does, until the run has left `waiting`.
    pub(crate) async fn fire_timers_of(&self, run: RunId) {
        let fired = eventually(PATIENCE, || async {
            self.fire_timers().await;
            self.view(run).await.state != RunState::Waiting
        });
        fired.await.unwrap();
    }

    /// Declares the worker dead and frees its runs, as the rescuer does.
    pub(crate) async fn bury_and_rescue(&self, worker: WorkerId) -> usize {
        self.bury(worker).await;
        let ready = self.store.rescue(self.term, 100).await.unwrap();
        self.ring_all(&ready).await;
        ready.len()
    }

    /// Frees the one run of dead workers without ringing for it; the epoch to ring with.
    pub(crate) async fn rescue_quietly(&self) -> i32 {
        let ready = self.store.rescue(self.term, 100).await.unwrap();
        assert_eq!(ready.len(), 1);
        ready[0].epoch
    }

    /// A run that the store says this worker claimed, and the worker knows nothing of.
    pub(crate) async fn claimed_for(&self, worker: WorkerId, workflow: WorkflowId) -> RunId {
        let run = self.accept(workflow, &Value::Null, None).await;
        let request = ClaimRequest {
            run,
            epoch: 0,
            token: self.ids.uuid_v7(),
        };
        assert_eq!(self.store.claim(worker, &[request]).await.unwrap().len(), 1);
        run
    }

    /// Declares the worker dead, whatever it beats.
    pub(crate) async fn bury(&self, worker: WorkerId) {
        let buried = eventually(PATIENCE, || async {
            let beats = self.store.beats().await.unwrap();
            let beat = beats.iter().find(|beat| beat.worker == worker).unwrap();
            self.store.bury(self.term, worker, beat.beats).await.unwrap()
        });
        buried.await.unwrap();
    }

    /// Messages that left.
    pub(crate) async fn outbox(&self) -> Vec<OutboxRow> {
        self.store.lease_outbox(self.term, 100).await.unwrap()
    }
}
