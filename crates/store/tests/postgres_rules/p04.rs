//! P4: the inbox batcher groups by run.

use levqor_store::{DeliveryFate, IntakeStore, WorkerStore};

use crate::rig::Rig;

#[tokio::test]
async fn p04_two_signals_in_one_batch_are_two_rows() {
    let rig = Rig::new().await;
    let (run, other) = (rig.running().await, rig.running().await);
    let batch = [rig.delivery(run), rig.delivery(other), rig.delivery(run)];
    let fates = rig.store.deliver(rig.id(), &batch).await.unwrap();
    assert_eq!(fates, vec![DeliveryFate::Delivered { hint: None }; 3]);
    let rows = rig.store.inbox_after(run, 0).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.n).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(
        rig.store
            .inbox_counts(&[(run, 1), (other, 1)])
            .await
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn p04_broken_a_wake_per_signal_makes_one_row_of_two() {
    let rig = Rig::new().await;
    let run = rig.running().await;
    let mut db = rig.connection().await;
    let written = db
        .run(format!(
            "WITH mail AS (SELECT '{run}'::uuid AS run_id, body FROM unnest(ARRAY['1', '2']) AS body),
             woken AS (UPDATE live SET inbox = inbox + 1 FROM mail WHERE id = run_id RETURNING id, inbox, mail.body)
             INSERT INTO inbox (run_id, n, kind, body, at) SELECT id, inbox, 3, body::bytea, 0 FROM woken"
        ))
        .await;
    assert_eq!(
        written, 1,
        "one of two signals is gone, and both callers would be told that theirs is in"
    );
}
