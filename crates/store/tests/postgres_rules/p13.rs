//! P13: an outbox row is leased, sent, then deleted.

use levqor_store::{End, NewOutbox, OutboxKind, RunId, SchedulerStore};

use crate::rig::{Rig, end};

async fn ended_with_callback(rig: &Rig) -> RunId {
    let run = rig.running().await;
    let target = Some("https://example.org/done".to_owned());
    let outbox = vec![NewOutbox {
        kind: OutboxKind::Callback,
        target,
        body: b"{}".to_vec(),
    }];
    rig.end(&End {
        outbox,
        ..end(run, 1, 0, 0)
    })
    .await;
    run
}

#[tokio::test]
async fn p13_a_row_leased_by_a_sender_that_died_comes_again() {
    let rig = Rig::new().await;
    let (run, term) = (ended_with_callback(&rig).await, rig.lead().await);
    let first = rig.store.lease_outbox(term, 10).await.unwrap();
    assert_eq!(
        first
            .iter()
            .map(|row| (row.run, row.attempts))
            .collect::<Vec<_>>(),
        [(run, 1)]
    );
    assert_eq!(rig.store.lease_outbox(term, 10).await.unwrap(), []);
    let mut db = rig.connection().await;
    // As if its time had come.
    db.run("UPDATE outbox SET due = 0").await;
    let again = rig.store.lease_outbox(term, 10).await.unwrap();
    assert_eq!(
        again.iter().map(|row| (row.id, row.attempts)).collect::<Vec<_>>(),
        [(first[0].id, 2)]
    );
    rig.store.delete_outbox(&[first[0].id]).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM outbox").await, 0);
}

#[tokio::test]
async fn p13_two_that_lease_at_once_do_not_get_one_row() {
    let rig = Rig::new().await;
    let (run, term) = (ended_with_callback(&rig).await, rig.lead().await);
    let mut first = rig.connection().await;
    first
        .run(format!(
            "BEGIN; UPDATE outbox SET due = now_us() + 10000000 WHERE run_id = '{run}'"
        ))
        .await;
    let second = rig.start(move |store| async move { store.lease_outbox(term, 10).await });
    rig.until_waiting(1).await;
    first.run("COMMIT").await;
    assert_eq!(second.await.unwrap().unwrap(), []);
}

#[tokio::test]
async fn p13_the_backoff_grows_to_a_bound() {
    let rig = Rig::new().await;
    ended_with_callback(&rig).await;
    let term = rig.lead().await;
    let mut db = rig.connection().await;
    let mut seconds = Vec::new();
    for _ in 0..12 {
        db.run("UPDATE outbox SET due = 0").await;
        assert_eq!(rig.store.lease_outbox(term, 10).await.unwrap().len(), 1);
        seconds.push(
            db.number("SELECT round((due - now_us()) / 1000000.0)::int8 FROM outbox")
                .await,
        );
    }
    assert!(seconds.is_sorted(), "{seconds:?}");
    assert_eq!((seconds[0], seconds[1], seconds[11]), (10, 20, 5_120));
}
