//! P7: a wake is one UPDATE by id alone.

use levqor_store::{DeliveryFate, IntakeStore, RunId, RunState, WorkerStore, WriteFate};
use tokio::task::JoinHandle;

use crate::rig::{Db, Rig, hold_journal, park, release};

type Parking = JoinHandle<Result<Vec<WriteFate>, levqor_store::StoreError>>;

/// A run whose park has changed the live row and waits to commit.
async fn parking(rig: &Rig, holder: &mut Db) -> (RunId, Parking) {
    let run = rig.running().await;
    hold_journal(holder, run, 1).await;
    let parking = rig.start(|store| async move { store.park(&[park(run, 1, 0, 0)]).await });
    rig.until_waiting(1).await;
    (run, parking)
}

#[tokio::test]
async fn p07_a_delivery_wakes_a_run_that_parks_at_that_moment() {
    let rig = Rig::new().await;
    let mut holder = rig.connection().await;
    let (run, parking) = parking(&rig, &mut holder).await;
    let (token, delivery) = (rig.id(), rig.delivery(run));
    let waking = rig.start(|store| async move { store.deliver(token, &[delivery]).await });
    rig.until_waiting(2).await;
    release(&mut holder).await;
    assert_eq!(parking.await.unwrap().unwrap(), [WriteFate::Committed]);
    assert_eq!(
        waking.await.unwrap().unwrap(),
        [DeliveryFate::Delivered { hint: Some(1) }]
    );
    assert_eq!(rig.state(run).await, Some(RunState::Pending));
    assert_eq!(rig.claim(run, 1).await.inbox.len(), 1);
}

#[tokio::test]
async fn p07_broken_a_wake_of_waiting_rows_misses_a_run_that_parks_at_that_moment() {
    let rig = Rig::new().await;
    let (mut holder, mut sender) = (rig.connection().await, rig.connection().await);
    let (run, parking) = parking(&rig, &mut holder).await;
    let woken = sender
        .run(format!(
            "UPDATE live SET inbox = inbox + 1, state = 0, ready = true WHERE id = '{run}' AND state = 2"
        ))
        .await;
    release(&mut holder).await;
    assert_eq!(parking.await.unwrap().unwrap(), [WriteFate::Committed]);
    assert_eq!(
        (woken, rig.state(run).await),
        (0, Some(RunState::Waiting)),
        "it waits for ever"
    );
}
