//! P11: one statement over live and ended.

use levqor_store::{ReadStore, RunFilter, RunId, WriteFate};

use crate::rig::{Db, Rig, end};

/// Moves an ended run back, as a retry does.
async fn retry(db: &mut Db, run: RunId) {
    db.run(format!(
        "WITH moved AS (DELETE FROM ended WHERE id = '{run}' RETURNING *)
         INSERT INTO live (id, tenant_id, workflow_id, priority, ready, created_at, input, epoch, seq, inbox, history)
         SELECT id, tenant_id, workflow_id, priority, true, created_at, input, epoch, seq, inbox, journal FROM moved"
    ))
    .await;
}

#[tokio::test]
async fn p11_a_run_is_found_and_listed_once_while_it_moves() {
    let rig = Rig::new().await;
    let run = rig.running().await;
    assert_eq!(rig.end(&end(run, 1, 0, 0)).await, WriteFate::Committed);
    let mut mover = rig.connection().await;
    for step in ["BEGIN", "", "COMMIT"] {
        match step {
            "" => retry(&mut mover, run).await,
            step => drop(mover.run(step).await),
        }
        assert!(rig.state(run).await.is_some(), "not found after {step:?}");
        let listed = rig
            .store
            .runs(rig.tenant, &RunFilter::default(), 10)
            .await
            .unwrap();
        assert_eq!(
            listed.iter().map(|view| view.id).collect::<Vec<_>>(),
            [run],
            "listed after {step:?}"
        );
    }
    let journal = rig.store.journal(rig.tenant, run).await.unwrap();
    assert_eq!(
        journal.as_deref(),
        Some(&b"[]"[..]),
        "the packed history stands for the journal"
    );
}

#[tokio::test]
async fn p11_broken_two_statements_find_a_moving_run_nowhere() {
    let rig = Rig::new().await;
    let run = rig.running().await;
    rig.end(&end(run, 1, 0, 0)).await;
    let (mut reader, mut mover) = (rig.connection().await, rig.connection().await);
    let live = reader
        .number(format!("SELECT count(*) FROM live WHERE id = '{run}'"))
        .await;
    retry(&mut mover, run).await;
    let ended = reader
        .number(format!("SELECT count(*) FROM ended WHERE id = '{run}'"))
        .await;
    assert_eq!((live, ended), (0, 0), "a 404 for a run that exists");
}
