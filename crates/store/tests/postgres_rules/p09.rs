//! P9: the leader's writes begin with its term's row, locked.

use std::time::Duration;

use levqor_store::{NewTimer, Park, RunId, SchedulerStore, StoreError, Timestamp, WorkerId, WriteFate};

use crate::rig::{Rig, park};

async fn with_due_timer(rig: &Rig) -> RunId {
    let run = rig.running().await;
    let timers = vec![NewTimer {
        due: Timestamp(1),
        body: b"{}".to_vec(),
    }];
    assert_eq!(
        rig.park(&Park {
            timers,
            ..park(run, 1, 0, 0)
        })
        .await,
        WriteFate::Committed
    );
    run
}

#[tokio::test]
async fn p09_a_write_that_meets_a_new_term_is_refused() {
    let rig = Rig::new().await;
    with_due_timer(&rig).await;
    let old = rig.lead().await;
    let mut next = rig.connection().await;
    next.run("BEGIN; UPDATE leader SET term = term + 1").await;
    let firing = rig.start(move |store| async move { store.fire_timers(old, 10).await });
    rig.until_waiting(1).await;
    next.run("COMMIT").await;
    assert!(matches!(firing.await.unwrap(), Err(StoreError::NotLeader(term)) if term == old));
    assert_eq!(next.number("SELECT count(*) FROM timers").await, 1);
}

/// What an old leader does in its transaction, with the leader's row read as `lock` says.
fn old_write(old: i64, lock: &str) -> String {
    format!(
        "BEGIN; WITH lead AS MATERIALIZED (SELECT term FROM leader WHERE term = {old} {lock})
         DELETE FROM timers WHERE EXISTS (SELECT FROM lead)"
    )
}

#[tokio::test]
async fn p09_a_new_term_waits_for_the_old_leaders_write() {
    let rig = Rig::new().await;
    with_due_timer(&rig).await;
    let old = rig.lead().await;
    let mut leader = rig.connection().await;
    leader.run("UPDATE leader SET expires_at = 0").await;
    leader.run(old_write(old, "FOR SHARE")).await;
    let next = WorkerId(rig.id());
    let leading = rig.start(move |store| async move { store.lead(next, Duration::from_mins(1)).await });
    rig.until_waiting(1).await;
    leader.run("COMMIT").await;
    assert_eq!(leading.await.unwrap().unwrap(), Some(old + 1));
}

#[tokio::test]
async fn p09_broken_a_term_read_without_a_lock_lets_an_old_leader_write_after_the_new_term() {
    let rig = Rig::new().await;
    with_due_timer(&rig).await;
    let old = rig.lead().await;
    let mut leader = rig.connection().await;
    leader.run("UPDATE leader SET expires_at = 0").await;
    leader.run(old_write(old, "")).await;
    let term = rig
        .store
        .lead(WorkerId(rig.id()), Duration::from_mins(1))
        .await
        .unwrap();
    assert_eq!(term, Some(old + 1), "the new leader did not wait");
    leader.run("COMMIT").await;
    assert_eq!(
        leader.number("SELECT count(*) FROM timers").await,
        0,
        "and the old one has written since"
    );
}
