//! P5: a statement touches a live row once; an end updates nobody else's.

use levqor_store::{End, NewOutbox, OutboxKind, SchedulerStore, WriteFate};

use crate::rig::{Rig, end};

#[tokio::test]
async fn p05_an_end_tells_others_through_the_outbox_alone() {
    let rig = Rig::new().await;
    let (parent, child) = (rig.running().await, rig.running().await);
    let mut db = rig.connection().await;
    let version = format!("SELECT xmin::text::int8 FROM live WHERE id = '{parent}'");
    let before = db.number(&version).await;
    let message = NewOutbox {
        kind: OutboxKind::Event,
        target: None,
        body: b"{\"ended\":true}".to_vec(),
    };
    let ending = End {
        outbox: vec![message],
        ..end(child, 1, 0, 0)
    };
    assert_eq!(rig.end(&ending).await, WriteFate::Committed);
    assert_eq!(
        db.number(&version).await,
        before,
        "the other run's row was written"
    );
    let sent = rig.store.lease_outbox(rig.lead().await, 10).await.unwrap();
    assert_eq!(
        sent.iter().map(|row| (row.run, row.epoch)).collect::<Vec<_>>(),
        [(child, 1)]
    );
}

#[tokio::test]
async fn p05_broken_a_second_update_of_a_row_in_one_statement_is_lost() {
    let rig = Rig::new().await;
    let run = rig.running().await;
    let mut db = rig.connection().await;
    db.run(format!(
        "WITH told AS (UPDATE live SET inbox = inbox + 1 WHERE id = '{run}' RETURNING id)
         UPDATE live SET state = 2, ready = false WHERE id = '{run}' AND EXISTS (SELECT FROM told)"
    ))
    .await;
    let both = format!("SELECT count(*) FROM live WHERE id = '{run}' AND inbox = 1 AND state = 2");
    assert_eq!(db.number(both).await, 0, "one of the two changes has no effect");
}

#[tokio::test]
async fn p05_broken_ends_that_update_each_others_rows_deadlock() {
    let rig = Rig::new().await;
    let (one, two) = (rig.running().await, rig.running().await);
    let (mut first, mut second) = (rig.connection().await, rig.connection().await);
    first
        .run(format!("BEGIN; DELETE FROM live WHERE id = '{one}'"))
        .await;
    second
        .run(format!("BEGIN; DELETE FROM live WHERE id = '{two}'"))
        .await;
    let wake = |run| format!("UPDATE live SET inbox = inbox + 1 WHERE id = '{run}'");
    let (a, b) = tokio::join!(first.try_run(wake(two)), second.try_run(wake(one)));
    let codes: Vec<_> = [a, b]
        .into_iter()
        .filter_map(|outcome| {
            outcome
                .err()?
                .as_database_error()?
                .code()
                .map(std::borrow::Cow::into_owned)
        })
        .collect();
    assert_eq!(codes, ["40P01"]);
}
