//! P15: a fenced write is several statements in one BEGIN IMMEDIATE; WAL lets readers be.

use std::{sync::Arc, time::Duration};

use levqor_store::{Append, End, EndState, Park, RetentionClass, RunId, WorkerStore, WriteFate};
use sqlx::sqlite::SqliteJournalMode;
use tokio::time::timeout;

use crate::rig::{Db, Rig};

const BUSY: &str = "5";
const BUSY_SNAPSHOT: &str = "517";

fn append(run: RunId) -> Append {
    Append {
        run,
        epoch: 1,
        seq: 0,
        body: b"[1]".to_vec(),
        outbox: vec![],
    }
}

fn park(run: RunId) -> Park {
    Park {
        run,
        epoch: 1,
        seq: 0,
        body: Some(b"[1]".to_vec()),
        inbox: 0,
        timers: vec![],
        subscriptions: vec![],
        outbox: vec![],
    }
}

fn end(run: RunId) -> End {
    End {
        run,
        epoch: 1,
        seq: 0,
        inbox: 0,
        state: EndState::Completed,
        class: RetentionClass::Standard,
        output: Some(b"{}".to_vec()),
        error: None,
        journal: b"[]".to_vec(),
        outbox: vec![],
        usage: levqor_store::Usage::default(),
    }
}

/// Whether the run is still held under epoch 1, as a zombie asks.
fn fence(rig: &Rig) -> String {
    format!(
        "SELECT count(*) FROM live WHERE id = {} AND state = 1 AND epoch = 1",
        rig.id()
    )
}

/// What the zombie then writes.
fn journal(rig: &Rig) -> String {
    format!(
        "INSERT INTO journal (run_id, seq, epoch, body) VALUES ({}, 1, 1, x'7a')",
        rig.id()
    )
}

/// The run is claimed by somebody else.
fn take_over(rig: &Rig) -> String {
    format!("UPDATE live SET epoch = 2 WHERE id = {}", rig.id())
}

#[tokio::test]
async fn p15_a_fenced_write_reads_its_ids_after_the_writer_it_waited_for() {
    for write in ["append", "park", "end"] {
        let rig = Rig::running().await;
        let mut other = rig.connection().await;
        other.run("BEGIN IMMEDIATE").await;
        other.run(take_over(&rig)).await;
        let (store, run) = (Arc::clone(&rig.store), rig.run);
        let mut zombie = tokio::spawn(async move {
            match write {
                "append" => store.append(&[append(run)]).await,
                "park" => store.park(&[park(run)]).await,
                _ => store.end(&[end(run)]).await,
            }
        });
        let early = timeout(Duration::from_millis(200), &mut zombie).await;
        assert!(early.is_err(), "{write} did not wait: {early:?}");
        other.run("COMMIT").await;
        assert_eq!(zombie.await.unwrap().unwrap(), [WriteFate::Fenced], "{write}");
        for table in ["journal", "ended"] {
            let rows = other.number(format!("SELECT count(*) FROM {table}")).await;
            assert_eq!(rows, 0, "{write} wrote to {table}");
        }
    }
}

#[tokio::test]
async fn p15_broken_ids_read_before_the_transaction_let_a_zombies_write_pass() {
    let rig = Rig::running().await;
    let (mut zombie, mut other) = (rig.connection().await, rig.connection().await);
    assert_eq!(zombie.number(fence(&rig)).await, 1);
    other.run(take_over(&rig)).await;
    zombie.run("BEGIN IMMEDIATE").await;
    zombie.run(journal(&rig)).await;
    zombie.run("COMMIT").await;
    assert_eq!(
        other.number("SELECT count(*) FROM journal").await,
        1,
        "the zombie's row is committed"
    );
    // The next owner finds its place taken.
    let next = Append {
        epoch: 2,
        ..append(rig.run)
    };
    assert!(rig.store.append(&[next]).await.is_err());
}

#[tokio::test]
async fn p15_broken_a_deferred_transaction_that_has_read_cannot_write_once_another_has() {
    let rig = Rig::running().await;
    let (mut first, mut other) = (rig.connection().await, rig.connection().await);
    first.run("BEGIN DEFERRED").await;
    assert_eq!(first.number(fence(&rig)).await, 1);
    other.run("UPDATE live SET deaths = 1").await;
    // Waiting or trying again within the transaction does not help: what it has read is old.
    for _ in 0..2 {
        let (code, why) = first.refused(journal(&rig)).await.unwrap();
        assert_eq!(code, BUSY_SNAPSHOT, "{why}");
    }
    first.run("ROLLBACK").await;
    // Begun as the store begins, it has its turn before it reads, and the other has to wait.
    first.run("BEGIN IMMEDIATE").await;
    assert_eq!(first.number(fence(&rig)).await, 1);
    let (code, why) = other.refused(take_over(&rig)).await.unwrap();
    assert_eq!(code, BUSY, "{why}");
    first.run(journal(&rig)).await;
    first.run("COMMIT").await;
    other.run(take_over(&rig)).await;
}

#[tokio::test]
async fn p15_broken_sqlite_takes_neither_a_cte_that_writes_nor_a_delete_that_joins() {
    let rig = Rig::running().await;
    let mut db = rig.connection().await;
    let forms = [
        (
            "WITH won AS (DELETE FROM live RETURNING id) SELECT id FROM won",
            "near \"DELETE\": syntax error",
        ),
        (
            "WITH won AS (UPDATE live SET seq = 1 RETURNING id) INSERT INTO journal SELECT id, 1, 1, x'' FROM won",
            "near \"UPDATE\": syntax error",
        ),
        (
            "DELETE FROM journal USING live WHERE live.id = journal.run_id",
            "near \"USING\": syntax error",
        ),
    ];
    for (form, expected) in forms {
        let (_, why) = db.refused(form).await.unwrap();
        assert_eq!(why, expected, "{form}");
    }
}

#[tokio::test]
async fn p15_a_write_does_not_wait_for_a_reader_nor_a_reader_for_a_write() {
    let rig = Rig::running().await;
    let (mut reader, mut writer) = (rig.connection().await, rig.connection().await);
    reader.run("BEGIN").await;
    assert_eq!(reader.number("SELECT count(*) FROM journal").await, 0);
    let fates = rig.store.append(&[append(rig.run)]).await.unwrap();
    assert_eq!(fates, [WriteFate::Committed]);
    assert_eq!(
        reader.number("SELECT count(*) FROM journal").await,
        0,
        "another snapshot"
    );
    writer.run("BEGIN EXCLUSIVE").await;
    assert_eq!(rig.store.inbox_after(rig.run, 0).await.unwrap(), []);
}

#[tokio::test]
async fn p15_broken_without_wal_a_reader_stops_commits() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rollback.db");
    let mut writer = Db::open(&file, SqliteJournalMode::Delete).await;
    writer.run("CREATE TABLE journal (n INTEGER)").await;
    let mut reader = Db::open(&file, SqliteJournalMode::Delete).await;
    reader.run("BEGIN").await;
    assert_eq!(reader.number("SELECT count(*) FROM journal").await, 0);
    let (code, why) = writer.refused("INSERT INTO journal VALUES (1)").await.unwrap();
    assert_eq!(code, BUSY, "{why}");
    reader.run("COMMIT").await;
    writer.run("INSERT INTO journal VALUES (1)").await;
}
