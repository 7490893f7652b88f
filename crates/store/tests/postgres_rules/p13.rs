//! P13: an outbox row is leased, sent, then deleted.

use levqor_store::{Append, End, NewOutbox, OutboxKind, RunId, SchedulerStore, WriteFate};

use crate::rig::{Rig, append, end};

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

#[tokio::test]
async fn p13_broken_a_row_deleted_before_it_is_sent_is_lost_with_its_sender() {
    let rig = Rig::new().await;
    let (run, term) = (ended_with_callback(&rig).await, rig.lead().await);
    let mut sender = rig.connection().await;
    let taken = format!("DELETE FROM outbox WHERE run_id = '{run}' AND due <= now_us()");
    assert_eq!(sender.run(taken).await, 1, "committed, and not sent yet");
    // kill -9.
    drop(sender);
    let mut db = rig.connection().await;
    db.run("UPDATE outbox SET due = 0").await;
    assert_eq!(
        rig.store.lease_outbox(term, 10).await.unwrap(),
        [],
        "nobody knows of the callback any more"
    );
}

#[tokio::test]
async fn p13_broken_taking_all_that_is_due_takes_a_runs_later_message_while_its_first_is_under_way() {
    let rig = Rig::new().await;
    let run = rig.running().await;
    let outbox = ["1", "2"].map(|body| NewOutbox {
        kind: OutboxKind::Event,
        target: None,
        body: body.into(),
    });
    let sending = Append {
        outbox: outbox.into(),
        ..append(run, 1, 0)
    };
    assert_eq!(rig.append(&sending).await, WriteFate::Committed);
    let (mut first, mut second) = (rig.connection().await, rig.connection().await);
    let take = "UPDATE outbox SET due = now_us() + 10000000 WHERE id = (
                    SELECT id FROM outbox WHERE due <= now_us() ORDER BY due, id LIMIT 1)";
    assert_eq!(first.run(take).await, 1);
    assert_eq!(
        second.run(take).await,
        1,
        "the second message overtakes the first"
    );
    let term = rig.lead().await;
    second.run("UPDATE outbox SET due = 0").await;
    let leased = rig.store.lease_outbox(term, 10).await.unwrap();
    assert_eq!(
        leased.len(),
        1,
        "the store's form takes the oldest alone: {leased:?}"
    );
    assert_eq!(leased[0].body, b"1");
    assert_eq!(rig.store.lease_outbox(term, 10).await.unwrap(), []);
}
