//! P6: a claim is whole; parking compares with the last inbox row folded.

use levqor_store::{ClaimRequest, WorkerStore, WriteFate};

use crate::rig::{Db, Rig, hold_inbox, park, release};

/// A delivery that commits while a claim waits for the row.
async fn deliver_late(db: &mut Db, run: levqor_store::RunId) {
    db.run(format!(
        "BEGIN; UPDATE live SET inbox = inbox + 1 WHERE id = '{run}';
         INSERT INTO inbox (run_id, n, kind, body, at) VALUES ('{run}', 1, 3, '{{}}', 0)"
    ))
    .await;
}

#[tokio::test]
async fn p06_a_claim_that_waited_for_a_delivery_carries_it() {
    let rig = Rig::new().await;
    let run = rig.accept().await;
    let mut sender = rig.connection().await;
    deliver_late(&mut sender, run).await;
    let (worker, token) = (rig.worker, rig.id());
    let claim = rig.start(|store| async move {
        store
            .claim(worker, &[ClaimRequest { run, epoch: 0, token }])
            .await
    });
    rig.until_waiting(1).await;
    sender.run("COMMIT").await;
    let claimed = claim.await.unwrap().unwrap();
    assert_eq!(claimed[0].inbox.iter().map(|row| row.n).collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn p06_broken_a_claim_with_its_rows_in_one_snapshot_loses_the_delivery() {
    let rig = Rig::new().await;
    let run = rig.accept().await;
    let (mut sender, mut claimer) = (rig.connection().await, rig.connection().await);
    deliver_late(&mut sender, run).await;
    let sql = format!(
        "WITH c AS (UPDATE live SET state = 1, epoch = epoch + 1 WHERE id = '{run}' AND state = 0 RETURNING id, inbox)
         SELECT c.inbox * 10 + (SELECT count(*) FROM inbox WHERE run_id = c.id) FROM c"
    );
    let claim = tokio::spawn(async move { claimer.number(sql).await });
    rig.until_waiting(1).await;
    sender.run("COMMIT").await;
    assert_eq!(
        claim.await.unwrap(),
        10,
        "the counter says 1 and no row came with it"
    );
    // Parking on that counter, as on rows folded, is accepted, and the delivery wakes nobody any more.
    assert_eq!(rig.park(&park(run, 1, 0, 1)).await, WriteFate::Committed);
}

#[tokio::test]
async fn p06_a_park_that_waited_for_a_delivery_is_refused_with_it() {
    let rig = Rig::new().await;
    let run = rig.running().await;
    let mut holder = rig.connection().await;
    hold_inbox(&mut holder, run, 1).await;
    let delivery = rig.delivery(run);
    let token = rig.id();
    let delivering = rig
        .start(|store| async move { levqor_store::IntakeStore::deliver(&*store, token, &[delivery]).await });
    rig.until_waiting(1).await;
    let parking = rig.start(|store| async move { store.park(&[park(run, 1, 0, 0)]).await });
    rig.until_waiting(2).await;
    release(&mut holder).await;
    delivering.await.unwrap().unwrap();
    match parking.await.unwrap().unwrap().as_slice() {
        [WriteFate::InboxMoved(rows)] => assert_eq!(rows.iter().map(|row| row.n).collect::<Vec<_>>(), [1]),
        other => panic!("{other:?}"),
    }
}
