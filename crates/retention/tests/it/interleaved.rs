//! Holds that come while a sweep is under way, on Postgres, where both can be open at once.

use std::time::Duration;

use levqor_audit::Actor;
use levqor_retention::{NewHold, place, policy::policy};
use levqor_store::{Gone, Span, Target, Timestamp, Tx};
use levqor_testkit::eventually;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{bench::Bench, holds::hold};

const WAITING: &str = "SELECT count(*) FROM pg_locks WHERE NOT granted";

/// Waits until somebody waits for a lock.
async fn until_waiting(bench: &Bench) {
    let waits = async || {
        let statement = Statement::from_string(DbBackend::Postgres, WAITING);
        let row = bench
            .platform()
            .db
            .reader()
            .query_one_raw(statement)
            .await
            .unwrap()
            .unwrap();
        row.try_get_by_index::<i64>(0).unwrap() > 0
    };
    eventually(Duration::from_secs(20), waits).await.unwrap();
}

fn mails() -> Target {
    policy("mails").unwrap().target()
}

async fn span(bench: &Bench) -> Span {
    let as_of = bench.platform().db.now().await.unwrap();
    Span {
        as_of,
        days: 90,
        shortest: 90,
        from: Timestamp(i64::MIN),
    }
}

async fn batch(tx: &Tx, bench: &Bench, limit: i64) -> Vec<Gone> {
    tx.expire(&mails(), &span(bench).await, limit).await.unwrap()
}

async fn place_for(bench: &Bench, new: NewHold) {
    place(bench.platform(), bench.tenant(), new, Actor::Operator)
        .await
        .unwrap();
}

#[tokio::test]
async fn domain_10_2_a_hold_placed_mid_run_waits_for_the_batch_and_covers_every_later_one() {
    let bench = Bench::postgres().await;
    bench.mails(bench.tenant(), "a@example.com", 5, 91).await;
    let tx = bench.platform().db.begin().await.unwrap();
    tx.hold_still().await.unwrap();
    assert_eq!(batch(&tx, &bench, 2).await.len(), 2);
    let placing = place_for(&bench, hold(None, None));
    let commit = async {
        until_waiting(&bench).await;
        tx.commit().await.unwrap();
    };
    futures::future::join(placing, commit).await;
    assert_eq!(bench.left(bench.tenant()).await, 3);
    assert_eq!(bench.sweep().await.rows, 0);
    assert_eq!(bench.left(bench.tenant()).await, 3);
}

/// A hold that is written and not committed yet.
async fn half_placed(bench: &Bench) -> Tx {
    let tx = bench.platform().db.begin().await.unwrap();
    let (id, tenant) = (bench.platform().ids.uuid_v7(), bench.tenant());
    let sql = format!(
        "INSERT INTO legal_holds (id, tenant_id, authority, reason, placed_by, placed_at)
         VALUES ('{id}', '{tenant}', 'High Court', 'claim 42', 'operator', 0)"
    );
    tx.execute_unprepared(&sql).await.unwrap();
    tx
}

#[tokio::test]
async fn domain_10_2_a_batch_waits_for_a_hold_that_is_being_placed_and_then_sees_it() {
    let bench = Bench::postgres().await;
    bench.mails(bench.tenant(), "a@example.com", 5, 91).await;
    let placing = half_placed(&bench).await;
    let sweeping = async {
        let tx = bench.platform().db.begin().await.unwrap();
        tx.hold_still().await.unwrap();
        let gone = batch(&tx, &bench, 10).await;
        tx.commit().await.unwrap();
        gone.len()
    };
    let placed = async {
        until_waiting(&bench).await;
        placing.commit().await.unwrap();
    };
    let (gone, ()) = futures::future::join(sweeping, placed).await;
    assert_eq!((gone, bench.left(bench.tenant()).await), (0, 5));
}

/// What the lock is for: the anti-join alone sees what was committed when the statement began, and a hold that is
/// acknowledged a moment later finds its rows gone.
#[tokio::test]
async fn domain_10_2_broken_without_the_lock_a_hold_is_acknowledged_and_its_rows_go() {
    let bench = Bench::postgres().await;
    bench.mails(bench.tenant(), "a@example.com", 5, 91).await;
    let tx = bench.platform().db.begin().await.unwrap();
    assert_eq!(batch(&tx, &bench, 10).await.len(), 5);
    place_for(&bench, hold(None, None)).await;
    tx.commit().await.unwrap();
    assert_eq!(bench.left(bench.tenant()).await, 0, "held rows are gone");
}

#[tokio::test]
async fn rows_that_somebody_works_on_are_passed_over_and_nobody_waits() {
    let bench = Bench::postgres().await;
    bench.mails(bench.tenant(), "a@example.com", 3, 91).await;
    bench.mails(bench.tenant(), "busy@example.com", 2, 91).await;
    let busy = bench.platform().db.begin().await.unwrap();
    busy.execute_unprepared("UPDATE mails SET attempts = 2 WHERE recipient = 'busy@example.com'")
        .await
        .unwrap();
    assert_eq!(bench.sweep().await.rows, 3);
    busy.commit().await.unwrap();
    assert_eq!(bench.sweep().await.rows, 2);
}

#[tokio::test]
async fn a_batch_reads_by_the_clocks_index_and_by_row_addresses() {
    let bench = Bench::postgres().await;
    bench.mails(bench.neighbour, "a@example.com", 2_000, 10).await;
    bench.mails(bench.tenant(), "a@example.com", 50, 91).await;
    let tx = bench.platform().db.begin().await.unwrap();
    // Sessions report their reads when a transaction ends, so what one statement read is asked of its own counters.
    let scans = "SELECT seq_scan, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'mails'";
    assert_eq!(batch(&tx, &bench, 100).await.len(), 50);
    let statement = Statement::from_string(DbBackend::Postgres, scans);
    let row = tx.query_one_raw(statement).await.unwrap().unwrap();
    let (seq, fetched): (i64, i64) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
    assert_eq!(seq, 0);
    assert!(fetched <= 120, "{fetched} rows read for 50");
}
