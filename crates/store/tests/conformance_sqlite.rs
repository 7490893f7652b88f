//! The conformance suite over the embedded store.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use levqor_store::conformance::{Room, model, run};
use levqor_store::{Clock, SqliteStore, Store, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "a test is where time enters")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(since.as_micros()).unwrap())
    }
}

async fn store() -> Arc<dyn Store> {
    Arc::new(SqliteStore::open_temporary(Arc::new(SystemClock)).await.unwrap())
}

async fn room(room: Room) {
    if let Err(failures) = run("sqlite", room, store).await {
        let lines: Vec<_> = failures.iter().map(ToString::to_string).collect();
        panic!("{} checks failed:\n{}", lines.len(), lines.join("\n"));
    }
}

macro_rules! rooms {
    ($($name:ident: $room:ident),+ $(,)?) => {
        $(#[tokio::test]
        async fn $name() {
            room(Room::$room).await;
        })+
    };
}

rooms! {
    intake: Intake,
    claim: Claim,
    append: Append,
    park: Park,
    deliver: Deliver,
    end: End,
    workers: Workers,
    rescue: Rescue,
    timers: Timers,
    events: Events,
    outbox: Outbox,
    leader: Leader,
    schedules: Schedules,
    catalogue: Catalogue,
    reads: Reads,
    sweep: Sweep,
    expiry: Expiry,
    usage: Usage,
    demand: Demand,
    backlog: Backlog,
}

/// Random sequences of operations have the outcomes that the model of the protocol gives them.
#[test]
fn random_operations_agree_with_the_model() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let store = runtime.block_on(store());
    let seeds = std::cell::Cell::new(1);
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..Default::default()
    });
    let outcome = runner.run(&prop::collection::vec(any::<u32>(), 1..80), |words| {
        seeds.set(seeds.get() + 1);
        runtime
            .block_on(model::replay("sqlite", Arc::clone(&store), seeds.get(), &words))
            .map_err(|failure| TestCaseError::fail(failure.to_string()))
    });
    outcome.unwrap();
}

/// A worker claims, is buried, claims the next epoch by a call that it makes again; the next rescue frees that too. Found by
/// the test above.
#[tokio::test]
async fn what_a_buried_worker_claims_again_is_freed_with_the_next_one() {
    let words = [
        0,
        0,
        0,
        253_004,
        1_004_967_372,
        1_418_872_677,
        6_487_319,
        2_953_631_301,
        677_877_339,
        132_993_149,
        1_708_466_011,
    ];
    let replayed = model::replay("sqlite", store().await, 1, &words).await;
    replayed.unwrap();
}
