//! Prints how fast the hot statements are; asserts nothing about speed. Run with
//! `cargo test -p levqor-store --test postgres_figures -- --ignored --nocapture`.

#![expect(clippy::unwrap_used, reason = "figures that cannot be taken are a failure")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use levqor_store::{
    Append, Catalogue, ClaimRequest, End, EndState, IntakeStore, NewRun, NewWorkflow, RetentionClass, RunId,
    Store, Tenant, TenantId, Timestamp, WorkerId, WorkerStore, WorkflowId, WriteFate,
    postgres::{Options, PostgresStore, migrate},
};
use levqor_testkit::Postgres;
use uuid::Uuid;

const BATCHES: u32 = 120;
const BATCH: u32 = 500;

static COUNT: AtomicU64 = AtomicU64::new(1);

/// UUIDv7-shaped and increasing.
fn id(now: Timestamp) -> Uuid {
    let millis = u128::try_from(now.0 / 1_000).unwrap();
    Uuid::from_u128(millis << 80 | 0x7 << 76 | 0x2 << 62 | u128::from(COUNT.fetch_add(1, Ordering::Relaxed)))
}

struct Setup {
    store: Arc<PostgresStore>,
    now: Timestamp,
    tenant: TenantId,
    workflow: WorkflowId,
    _cluster: Postgres,
    /// Microseconds spent in intake, claim, append and end, over all lanes.
    spent: [AtomicU64; 4],
}

async fn setup() -> Setup {
    let cluster = Postgres::start().await.unwrap();
    let url = cluster.create_database().await.unwrap();
    migrate(&url).await.unwrap();
    let store = Arc::new(PostgresStore::connect(&url, Options::default()).await.unwrap());
    let now = store.now().await.unwrap();
    let (tenant, workflow) = (TenantId(id(now)), WorkflowId(id(now)));
    store
        .create_tenant(&Tenant {
            id: tenant,
            name: "t".to_owned(),
            plan: "pro".to_owned(),
        })
        .await
        .unwrap();
    let document = NewWorkflow {
        id: workflow,
        tenant,
        namespace: "n".to_owned(),
        name: "w".to_owned(),
        version: "1.0.0".to_owned(),
        hash: [0; 32],
        document: b"{}".to_vec(),
        schedule: None,
    };
    store.put_workflow(&document).await.unwrap();
    Setup {
        store,
        now,
        tenant,
        workflow,
        _cluster: cluster,
        spent: Default::default(),
    }
}

impl Setup {
    fn run(&self) -> NewRun {
        NewRun {
            id: RunId(id(self.now)),
            tenant: self.tenant,
            workflow: self.workflow,
            priority: 1,
            run_at: None,
            input: br#"{"order":12345,"customer":"abc"}"#.to_vec(),
            callback_url: None,
            idempotency: None,
            key: None,
            trace: None,
        }
    }
}

impl Setup {
    /// Awaits a call and adds its time to that of its phase.
    async fn timed<T>(&self, phase: usize, call: impl Future<Output = T>) -> T {
        let started = Instant::now();
        let answer = call.await;
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap();
        self.spent[phase].fetch_add(micros, Ordering::Relaxed);
        answer
    }
}

/// One batch through intake, claim, `appends` appends and end.
async fn cycle(setup: &Setup, worker: WorkerId, appends: i32) {
    let store = &setup.store;
    let runs: Vec<_> = (0..BATCH).map(|_| setup.run()).collect();
    setup.timed(0, store.intake(id(setup.now), &runs)).await.unwrap();
    let wanted: Vec<_> = runs
        .iter()
        .map(|run| ClaimRequest {
            run: run.id,
            epoch: 0,
            token: id(setup.now),
        })
        .collect();
    assert_eq!(
        setup.timed(1, store.claim(worker, &wanted)).await.unwrap().len(),
        BATCH as usize
    );
    for seq in 0..appends {
        let body = br#"[{"path":"/do/0/step","output":{"ok":true}}]"#.to_vec();
        let batch: Vec<_> = runs
            .iter()
            .map(|run| Append {
                run: run.id,
                epoch: 1,
                seq,
                body: body.clone(),
                outbox: vec![],
            })
            .collect();
        assert!(
            setup
                .timed(2, store.append(&batch))
                .await
                .unwrap()
                .iter()
                .all(|fate| *fate == WriteFate::Committed)
        );
    }
    let ends: Vec<_> = runs
        .iter()
        .map(|run| End {
            run: run.id,
            epoch: 1,
            seq: appends,
            inbox: 0,
            state: EndState::Completed,
            class: RetentionClass::Standard,
            output: Some(br#"{"ok":true}"#.to_vec()),
            error: None,
            journal: br#"[{"path":"/do/0/step","output":{"ok":true}}]"#.to_vec(),
            outbox: vec![],
            usage: levqor_store::Usage::default(),
        })
        .collect();
    assert!(
        setup
            .timed(3, store.end(&ends))
            .await
            .unwrap()
            .iter()
            .all(|fate| *fate == WriteFate::Committed)
    );
}

async fn rate(setup: &Setup, lanes: usize, appends: i32) -> f64 {
    let worker = WorkerId(id(setup.now));
    cycle(setup, worker, appends).await;
    setup
        .spent
        .iter()
        .for_each(|spent| spent.store(0, Ordering::Relaxed));
    let started = Instant::now();
    let left = AtomicU64::new(u64::from(BATCHES));
    let lane = async || {
        while left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok()
        {
            cycle(setup, worker, appends).await;
        }
    };
    futures::future::join_all((0..lanes).map(|_| lane())).await;
    f64::from(BATCHES * BATCH) / started.elapsed().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "figures, not a check"]
async fn figures() {
    let setup = setup().await;
    for (lanes, appends) in [(1, 0), (2, 0), (2, 2)] {
        let rate = rate(&setup, lanes, appends).await;
        let phases: Vec<_> = setup
            .spent
            .iter()
            .map(|spent| spent.load(Ordering::Relaxed) / u64::from(BATCHES))
            .collect();
        println!("µs per batch in intake, claim, appends, end: {phases:?}");
        println!("{lanes} connections, {appends} appends: {rate:.0} runs/s (fsync on, batches of {BATCH})");
    }
}
