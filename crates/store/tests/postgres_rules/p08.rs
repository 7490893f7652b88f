//! P8: an end compares the inbox as parking does; a sweep takes what is left without a live row.

use levqor_store::{IntakeStore, RunState, SchedulerStore, WorkerStore, WriteFate};

use crate::rig::{Rig, end, hold_inbox, release};

#[tokio::test]
async fn p08_an_end_that_waited_for_a_cancel_is_refused_with_it() {
    let rig = Rig::new().await;
    let run = rig.running().await;
    let mut holder = rig.connection().await;
    hold_inbox(&mut holder, run, 1).await;
    let (token, cancel) = (rig.id(), rig.delivery(run));
    let cancelling = rig.start(|store| async move { store.deliver(token, &[cancel]).await });
    rig.until_waiting(1).await;
    let ending = rig.start(|store| async move { store.end(&[end(run, 1, 0, 0)]).await });
    rig.until_waiting(2).await;
    release(&mut holder).await;
    cancelling.await.unwrap().unwrap();
    match ending.await.unwrap().unwrap().as_slice() {
        [WriteFate::InboxMoved(rows)] => assert_eq!(rows.len(), 1),
        other => panic!("{other:?}"),
    }
    assert_eq!(rig.state(run).await, Some(RunState::Running));
}

#[tokio::test]
async fn p08_broken_an_end_that_does_not_compare_drops_an_acknowledged_cancel() {
    let rig = Rig::new().await;
    let run = rig.running().await;
    let mut worker = rig.connection().await;
    rig.deliver(run).await;
    let ended = worker
        .run(format!(
            "DELETE FROM live WHERE id = '{run}' AND state = 1 AND epoch = 1"
        ))
        .await;
    assert_eq!(ended, 1, "the run ends as if nobody had asked to cancel");
    assert_eq!(
        rig.store.inbox_after(run, 0).await.unwrap().len(),
        1,
        "and the request is left behind"
    );
}

#[tokio::test]
async fn p08_a_sweep_takes_rows_without_a_live_row_and_no_others() {
    let rig = Rig::new().await;
    let (live, term) = (rig.running().await, rig.lead().await);
    rig.deliver(live).await;
    let mut db = rig.connection().await;
    let (stray, tenant) = (rig.id(), rig.tenant);
    db.run(format!(
        "INSERT INTO journal VALUES ('{stray}', 1, 1, ''), ('{stray}', 2, 1, '');
         INSERT INTO inbox (run_id, n, kind, body, at) VALUES ('{stray}', 1, 3, '', 0);
         INSERT INTO timers (run_id, epoch, seq, ord, due, body) VALUES ('{stray}', 1, 1, 0, 0, '');
         INSERT INTO subscriptions (tenant_id, run_id, epoch, seq, ord) VALUES ('{tenant}', '{stray}', 1, 1, 0)"
    ))
    .await;
    let mut gone = 0;
    // Two rows at a time; a pass after the last begins again.
    for _ in 0..6 {
        gone += rig.store.sweep(term, 2).await.unwrap();
    }
    assert_eq!(gone, 5);
    assert_eq!(rig.store.inbox_after(live, 0).await.unwrap().len(), 1);
}
