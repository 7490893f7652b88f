//! P3 and I3: a worker's write is one statement that begins with the live row.

use levqor_store::{Append, SchedulerStore, WorkerStore, WriteFate};

use crate::rig::{Rig, append, end, hold_journal, park, release};

#[tokio::test]
async fn p03_a_zombies_transaction_open_across_a_rescue_commits_nothing() {
    for write in ["append", "park", "end"] {
        let rig = Rig::new().await;
        let run = rig.running().await;
        let mut rescuer = rig.connection().await;
        // The rescue and the next claim, not yet committed; then the zombie, whose snapshot is older than both.
        rescuer
            .run(format!(
                "BEGIN; UPDATE live SET state = 0, worker = NULL, token = NULL, deaths = deaths + 1 WHERE id = '{run}';
                 UPDATE live SET state = 1, epoch = epoch + 1 WHERE id = '{run}'"
            ))
            .await;
        let zombie = rig.start(|store| async move {
            match write {
                "append" => store.append(&[append(run, 1, 0)]).await,
                "park" => store.park(&[park(run, 1, 0, 0)]).await,
                _ => store.end(&[end(run, 1, 0, 0)]).await,
            }
        });
        rig.until_waiting(1).await;
        rescuer.run("COMMIT").await;
        assert_eq!(zombie.await.unwrap().unwrap(), [WriteFate::Fenced], "{write}");
        let unchanged = format!(
            "SELECT count(*) FROM live WHERE id = '{run}' AND state = 1 AND epoch = 2 AND seq = 0
             AND NOT EXISTS (SELECT FROM journal) AND NOT EXISTS (SELECT FROM ended)"
        );
        assert_eq!(rescuer.number(unchanged).await, 1, "{write}");
    }
}

#[tokio::test]
async fn p03_a_rescue_waits_for_a_write_that_came_first_and_keeps_it() {
    let rig = Rig::new().await;
    let run = rig.running().await;
    let term = rig.lead().await;
    rig.bury(term, rig.worker).await;
    let mut holder = rig.connection().await;
    hold_journal(&mut holder, run, 1).await;
    let late = rig.start(|store| async move { store.append(&[append(run, 1, 0)]).await });
    rig.until_waiting(1).await;
    let rescue = rig.start(|store| async move { store.rescue(term, 10).await });
    rig.until_waiting(2).await;
    release(&mut holder).await;
    assert_eq!(late.await.unwrap().unwrap(), [WriteFate::Committed]);
    assert_eq!(rescue.await.unwrap().unwrap().len(), 1);
    let next = rig.claim_as(rig.new_worker().await, run, 1).await.unwrap();
    assert_eq!(
        (next.epoch, next.seq, next.journal.len(), next.deaths),
        (2, 1, 1, 1)
    );
}

#[tokio::test]
async fn p03_broken_an_insert_that_only_looks_at_the_epoch_commits_a_zombies_row() {
    let rig = Rig::new().await;
    let run = rig.running().await;
    let (mut rescuer, mut zombie) = (rig.connection().await, rig.connection().await);
    rescuer
        .run(format!(
            "BEGIN; UPDATE live SET state = 0, worker = NULL WHERE id = '{run}'"
        ))
        .await;
    let written = zombie
        .run(format!(
            "INSERT INTO journal (run_id, seq, epoch, body) SELECT id, seq + 1, epoch, 'zombie' FROM live
             WHERE id = '{run}' AND state = 1 AND epoch = 1"
        ))
        .await;
    rescuer.run("COMMIT").await;
    assert_eq!(written, 1, "the zombie's row is committed");
    assert_eq!(
        rescuer
            .number(format!("SELECT seq::int8 FROM live WHERE id = '{run}'"))
            .await,
        0,
        "yet not counted"
    );
    // The next owner finds its place taken.
    let next = Append {
        epoch: 2,
        ..append(run, 2, 0)
    };
    rig.claim_as(rig.worker, run, 1).await;
    assert!(rig.store.append(&[next]).await.is_err());
}

#[tokio::test]
async fn p03_a_repeated_append_is_one_row_and_other_bytes_are_fenced() {
    let rig = Rig::new().await;
    let run = rig.running().await;
    for _ in 0..2 {
        assert_eq!(rig.append(&append(run, 1, 0)).await, WriteFate::Committed);
    }
    let other = Append {
        body: b"[1]".to_vec(),
        ..append(run, 1, 0)
    };
    assert_eq!(rig.append(&other).await, WriteFate::Fenced);
    let mut db = rig.connection().await;
    assert_eq!(db.number("SELECT count(*) FROM journal").await, 1);
}

#[tokio::test]
async fn p03_broken_a_repeat_that_does_not_compare_seq_is_charged_twice() {
    let rig = Rig::new().await;
    let run = rig.running().await;
    let mut db = rig.connection().await;
    for _ in 0..2 {
        db.run(format!(
            "WITH w AS (UPDATE live SET seq = seq + 1 WHERE id = '{run}' AND state = 1 AND epoch = 1 RETURNING *)
             INSERT INTO journal (run_id, seq, epoch, body) SELECT id, seq, epoch, 'charged' FROM w"
        ))
        .await;
    }
    assert_eq!(
        db.number("SELECT count(*) FROM journal WHERE body = 'charged'")
            .await,
        2
    );
}
