//! Connections whose other end is gone without a word: calls end in time, and no connection is lost to the pools.

use std::time::Duration;

use levqor_store::{
    ReadStore, RunId, SchedulerStore, Store, StoreError,
    postgres::{Options, PostgresStore},
};
use levqor_testkit::{Fault, Postgres, Proxy, eventually};
use sea_orm::ConnectionTrait;
use tokio::time::timeout;

use crate::rig::Rig;

/// Longer than any call may take.
const LONG: Duration = Duration::from_secs(20);

/// A store whose connections pass the proxy.
async fn behind_a_proxy(options: Options) -> (Rig, Proxy, PostgresStore) {
    let rig = Rig::new().await;
    let port = Postgres::shared().await.unwrap().port();
    let proxy = Proxy::start(port).await.unwrap();
    let url = proxy.url_for(&rig.url, port);
    let store = PostgresStore::connect(&url, options).await.unwrap();
    (rig, proxy, store)
}

/// One call on each of the pools, more often than it has connections.
async fn calls(store: &PostgresStore, rig: &Rig) -> Vec<Result<(), StoreError>> {
    let mut answers = Vec::new();
    let db = store.db();
    for _ in 0..4 {
        answers.push(store.ping().await);
        answers.push(store.ready(1, None, 1).await.map(drop));
        answers.push(store.run(rig.tenant, RunId(rig.id())).await.map(drop));
        answers.push(db.now().await.map(drop));
        answers.push(write(store).await);
    }
    answers
}

async fn write(store: &PostgresStore) -> Result<(), StoreError> {
    let tx = store.db().begin().await?;
    tx.execute_unprepared("SELECT 1")
        .await
        .map_err(|error| tx.error(error))?;
    tx.commit().await
}

#[tokio::test]
async fn calls_on_silent_connections_end_in_time_and_the_next_ones_work() {
    let options = Options {
        answer_timeout: Duration::from_millis(300),
        ..Options::default()
    };
    let (rig, proxy, store) = behind_a_proxy(options).await;
    let good = calls(&store, &rig).await;
    assert!(good.iter().all(Result::is_ok), "{good:?}");

    proxy.set(Fault::HalfOpen);
    let silent = timeout(LONG, calls(&store, &rig)).await.unwrap();
    let unavailable = |answer: &Result<(), StoreError>| matches!(answer, Err(StoreError::Unavailable(_)));
    assert!(silent.iter().all(unavailable), "{silent:?}");

    // The old connections stay silent: the pools have to have let go of them.
    proxy.heal();
    let all = async || calls(&store, &rig).await.iter().all(Result::is_ok);
    eventually(LONG, all).await.unwrap();
}

#[tokio::test]
async fn a_call_given_up_on_a_silent_connection_gives_the_connection_up() {
    let (_rig, proxy, store) = behind_a_proxy(Options::default()).await;
    store.ping().await.unwrap();
    proxy.set(Fault::HalfOpen);
    // As readiness asks: it does not wait as long as the store would.
    for _ in 0..3 {
        assert!(timeout(Duration::from_millis(100), store.ping()).await.is_err());
    }
    proxy.heal();
    eventually(LONG, async || store.ping().await.is_ok())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_store_closes_although_its_connections_are_silent() {
    let (_rig, proxy, store) = behind_a_proxy(Options::default()).await;
    write(&store).await.unwrap();
    proxy.set(Fault::HalfOpen);
    timeout(LONG, store.close()).await.unwrap();
}
