//! The conformance suite over Postgres. Fails without one.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use levqor_store::Store;
use levqor_store::conformance::{Room, model, run};
use levqor_store::postgres::{Options, PostgresStore, migrate};
use levqor_testkit::{Pooler, Postgres};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};

/// The address of an empty database, migrated.
async fn database() -> String {
    let url = Postgres::shared().await.unwrap().create_database().await.unwrap();
    migrate(&url).await.unwrap();
    url
}

async fn open(url: &str) -> Arc<dyn Store> {
    Arc::new(PostgresStore::connect(url, Options::default()).await.unwrap())
}

async fn store() -> Arc<dyn Store> {
    open(&database().await).await
}

async fn room(label: &str, room: Room, store: impl AsyncFnOnce() -> Arc<dyn Store>) {
    if let Err(failures) = run(label, room, store).await {
        let lines: Vec<_> = failures.iter().map(ToString::to_string).collect();
        panic!("{} checks failed:\n{}", lines.len(), lines.join("\n"));
    }
}

/// With a transaction pooler between that has a third of the sessions the store opens (P14).
async fn pooled_room(checked: Room) {
    let port = Postgres::shared().await.unwrap().port();
    let pooler = Pooler::start(port, 4).await.unwrap();
    let store = async || open(&pooler.url_for(&database().await)).await;
    room("pooled postgres", checked, store).await;
    assert!(pooler.figures().switched > 0, "{:?}", pooler.figures());
}

macro_rules! rooms {
    ($($name:ident: $room:ident),+ $(,)?) => {
        $(#[tokio::test]
        async fn $name() {
            room("postgres", Room::$room, store).await;
        })+

        mod behind_a_transaction_pooler {
            use super::{Room, pooled_room};

            $(#[tokio::test]
            async fn $name() {
                pooled_room(Room::$room).await;
            })+
        }
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
        cases: 32,
        failure_persistence: None,
        ..Default::default()
    });
    let outcome = runner.run(&prop::collection::vec(any::<u32>(), 1..80), |words| {
        seeds.set(seeds.get() + 1);
        runtime
            .block_on(model::replay("postgres", Arc::clone(&store), seeds.get(), &words))
            .map_err(|failure| TestCaseError::fail(failure.to_string()))
    });
    outcome.unwrap();
}
