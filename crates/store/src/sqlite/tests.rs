//! What only the embedded store has: a folder, a lock, one writer. The protocol itself is tested by the suite.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use uuid::Uuid;

use super::{OpenError, SqliteOptions, SqliteStore};
use crate::{
    Catalogue, Clock, NewRun, RunId, SchedulerStore, Store, StoreError, Tenant, TenantId, Timestamp,
    WorkerId, WorkerInfo, WorkerStore, WorkflowId,
};
use crate::{IntakeFate, IntakeStore};

/// A clock that the test moves.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

fn hand(at: i64) -> Arc<Hand> {
    Arc::new(Hand(AtomicI64::new(at)))
}

async fn open(folder: &Path) -> SqliteStore {
    let store = SqliteStore::open(folder, hand(1), SqliteOptions::default())
        .await
        .unwrap();
    store.migrate().await.unwrap();
    store
}

fn tenant(id: u128, name: &str) -> Tenant {
    Tenant {
        id: TenantId(Uuid::from_u128(id)),
        name: name.to_owned(),
        plan: "pro".to_owned(),
    }
}

fn new_run(id: u128) -> NewRun {
    NewRun {
        id: RunId(Uuid::from_u128(id)),
        tenant: TenantId(Uuid::nil()),
        workflow: WorkflowId(Uuid::nil()),
        priority: 1,
        run_at: None,
        input: b"{}".to_vec(),
        callback_url: None,
        idempotency: None,
        key: None,
        trace: None,
    }
}

#[tokio::test]
async fn p15_a_second_opening_of_a_folder_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path()).await;
    let second = SqliteStore::open(folder.path(), hand(1), SqliteOptions::default())
        .await
        .err()
        .unwrap();
    assert!(matches!(&second, OpenError::InUse { folder: named } if named == folder.path()));
    assert!(
        second.to_string().contains(&folder.path().display().to_string()),
        "{second}"
    );
    first.close().await;
    open(folder.path()).await.close().await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let error = SqliteStore::open(&file.join("data"), hand(1), SqliteOptions::default())
        .await
        .err()
        .unwrap();
    assert!(matches!(error, OpenError::Folder { .. }), "{error}");
}

#[tokio::test]
async fn what_was_committed_is_there_after_closing_and_opening() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.create_tenant(&tenant(1, "a")).await.unwrap();
    store.close().await;
    let store = open(folder.path()).await;
    assert_eq!(store.tenant_by_name("a").await.unwrap(), Some(tenant(1, "a")));
    store.close().await;
}

/// A process that had the folder before, killed in the middle of its work: worker 1, which led.
async fn killed(folder: &Path) {
    let store = open(folder).await;
    let (id, lease) = (WorkerId(Uuid::from_u128(1)), Duration::from_secs(3));
    let info = WorkerInfo {
        name: "all".to_owned(),
        slots: 4,
        version: "0".to_owned(),
    };
    store.register_worker(id, &info).await.unwrap();
    assert_eq!(store.lead(id, lease).await.unwrap(), Some(1));
    store.close().await;
}

#[tokio::test]
async fn what_an_earlier_process_held_is_free_for_the_next() {
    let folder = tempfile::tempdir().unwrap();
    killed(folder.path()).await;
    let (id, lease) = (WorkerId(Uuid::from_u128(2)), Duration::from_secs(3));
    let store = open(folder.path()).await;
    assert_eq!(
        store.lead(id, lease).await.unwrap(),
        None,
        "the lease of the dead runs on"
    );
    assert_eq!(store.beats().await.unwrap().len(), 1);
    store.inherit().await.unwrap();
    assert_eq!(store.lead(id, lease).await.unwrap(), Some(2));
    assert_eq!(store.beats().await.unwrap(), []);
    assert!(
        !store.beat(WorkerId(Uuid::from_u128(1)), 0).await.unwrap(),
        "a dead one rose again"
    );
    store.close().await;
}

#[tokio::test]
async fn calls_after_closing_are_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.close().await;
    store.close().await;
    assert!(matches!(
        store.create_tenant(&tenant(1, "a")).await,
        Err(StoreError::Unavailable(_))
    ));
    assert!(matches!(
        store.tenant_by_name("a").await,
        Err(StoreError::Unavailable(_))
    ));
}

#[tokio::test]
async fn p15_the_database_is_durable_and_in_wal_mode() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let pragma = |sql: &'static str| {
        store.write(0, move |tx| {
            Box::pin(async move { super::get::<String, _>(&tx.first(sqlx::query(sql)).await?.unwrap(), 0) })
        })
    };
    assert_eq!(
        pragma("SELECT journal_mode FROM pragma_journal_mode")
            .await
            .unwrap(),
        "wal"
    );
    assert_eq!(
        pragma("SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous")
            .await
            .unwrap(),
        "2"
    );
    store.close().await;
}

#[tokio::test]
async fn p16_a_refused_write_does_not_take_its_neighbours_with_it() {
    let store = Arc::new(SqliteStore::open_temporary(hand(1)).await.unwrap());
    store.create_tenant(&tenant(0, "taken")).await.unwrap();
    // All are queued before the writer runs, so that they share transactions.
    let writes = (1..=40_u128).map(|n| {
        let store = Arc::clone(&store);
        let name = if n % 4 == 0 {
            "taken".to_owned()
        } else {
            n.to_string()
        };
        async move { store.create_tenant(&tenant(n, &name)).await }
    });
    let outcomes = futures::future::join_all(writes).await;
    for (n, outcome) in (1..=40_u128).zip(outcomes) {
        assert_eq!(
            matches!(outcome, Err(StoreError::Data(_))),
            n % 4 == 0,
            "write {n}: {outcome:?}"
        );
        assert_eq!(outcome.is_ok(), n % 4 != 0, "write {n}");
        let found = store.tenant_by_name(&n.to_string()).await.unwrap();
        assert_eq!(found.is_some(), n % 4 != 0, "tenant {n}");
    }
}

#[tokio::test]
async fn a_write_that_nobody_waits_for_is_made_whole_or_not_at_all() {
    let store = SqliteStore::open_temporary(hand(1)).await.unwrap();
    let runs: Vec<_> = (1..=500).map(new_run).collect();
    assert!(!store.any_ready().await.unwrap());
    {
        let mut intake = std::pin::pin!(store.intake(Uuid::from_u128(7), &runs));
        // Polled once, then dropped: the write may be queued, and it goes on by itself.
        assert!(futures::poll!(intake.as_mut()).is_pending());
    }
    let fates = store.intake(Uuid::from_u128(7), &runs).await.unwrap();
    assert_eq!(fates, vec![IntakeFate::Accepted { ready: true }; 500]);
    assert!(store.any_ready().await.unwrap());
    assert_eq!(store.ready(1, None, 1_000).await.unwrap().len(), 500);
}

#[tokio::test]
async fn the_clock_stands_still_when_the_one_below_jumps_back() {
    let clock = hand(1_000);
    let store = SqliteStore::open_temporary(clock.clone()).await.unwrap();
    assert_eq!(store.now().await.unwrap(), Timestamp(1_000));
    clock.0.store(400, Ordering::Relaxed);
    assert_eq!(store.now().await.unwrap(), Timestamp(1_000));
    clock.0.store(1_001, Ordering::Relaxed);
    assert_eq!(store.now().await.unwrap(), Timestamp(1_001));
}

#[tokio::test]
async fn p8_a_sweep_deletes_rows_without_a_live_run() {
    const STRAYS: &str = "
        INSERT INTO journal VALUES (x'01', 1, 1, x'');
        INSERT INTO inbox VALUES (x'01', 1, 1, x'', 0);
        INSERT INTO timers VALUES (x'01', 1, 1, 0, 9000, x'');
        INSERT INTO subscriptions VALUES (x'01', 1, 1, 0, x'02', NULL, NULL)";
    let store = SqliteStore::open_temporary(hand(1)).await.unwrap();
    store
        .write(0, |tx| {
            Box::pin(async move { tx.execute(sqlx::query(STRAYS)).await.map(drop) })
        })
        .await
        .unwrap();
    let term = store
        .lead(WorkerId(Uuid::nil()), std::time::Duration::from_secs(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(store.sweep(term, 10).await.unwrap(), 4);
    assert_eq!(store.sweep(term, 10).await.unwrap(), 0);
}

#[tokio::test]
async fn p2_tokens_are_kept_for_a_day() {
    const DAY: i64 = 86_400_000_000;
    let clock = hand(0);
    let store = SqliteStore::open_temporary(clock.clone()).await.unwrap();
    store.intake(Uuid::from_u128(7), &[new_run(1)]).await.unwrap();
    let term = store
        .lead(WorkerId(Uuid::nil()), std::time::Duration::from_secs(1))
        .await
        .unwrap()
        .unwrap();
    clock.0.store(DAY - 1, Ordering::Relaxed);
    assert_eq!(store.sweep(term, 10).await.unwrap(), 0);
    clock.0.store(DAY, Ordering::Relaxed);
    assert_eq!(store.sweep(term, 10).await.unwrap(), 1);
}
