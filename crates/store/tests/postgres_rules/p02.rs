//! P2: a batch that inserts runs derives everything from its token.

use levqor_store::{IntakeFate, IntakeStore, RunState, WriteFate};

use crate::rig::{Rig, end};

#[tokio::test]
async fn p02_a_batch_repeated_after_its_runs_ended_runs_nothing_twice() {
    let rig = Rig::new().await;
    let (run, token) = (rig.new_run(), rig.id());
    for _ in 0..2 {
        let fates = rig.store.intake(token, std::slice::from_ref(&run)).await.unwrap();
        assert_eq!(fates, [IntakeFate::Accepted { ready: true }]);
        if rig.state(run.id).await == Some(RunState::Pending) {
            rig.claim(run.id, 0).await;
            assert_eq!(rig.end(&end(run.id, 1, 0, 0)).await, WriteFate::Committed);
        }
    }
    let mut db = rig.connection().await;
    assert_eq!(db.number("SELECT count(*) FROM live").await, 0);
    assert_eq!(db.number("SELECT count(*) FROM ended").await, 1);
}

#[tokio::test]
async fn p02_a_repeat_while_the_first_try_still_commits_waits_for_it() {
    let rig = Rig::new().await;
    let (run, token) = (rig.new_run(), rig.id());
    let mut first = rig.connection().await;
    let (id, tenant, workflow) = (run.id, rig.tenant, rig.workflow);
    // The first try: committed by the server after its connection seemed lost.
    first
        .run(format!(
            "BEGIN; INSERT INTO batches VALUES ('{token}', now_us());
             INSERT INTO live (id, tenant_id, workflow_id, priority, ready, created_at, input)
             VALUES ('{id}', '{tenant}', '{workflow}', 1, true, now_us(), '')"
        ))
        .await;
    let again = run.clone();
    let repeat = rig.start(|store| async move { store.intake(token, &[again]).await });
    rig.until_waiting(1).await;
    first.run("COMMIT").await;
    assert_eq!(
        repeat.await.unwrap().unwrap(),
        [IntakeFate::Accepted { ready: true }]
    );
    assert_eq!(first.number("SELECT count(*) FROM live").await, 1);
}

#[tokio::test]
async fn p02_broken_without_the_token_a_repeat_runs_twice() {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    let (id, tenant, workflow) = (rig.new_run().id, rig.tenant, rig.workflow);
    let insert = format!(
        "INSERT INTO live (id, tenant_id, workflow_id, priority, ready, created_at, input)
         VALUES ('{id}', '{tenant}', '{workflow}', 1, true, 0, '') ON CONFLICT DO NOTHING"
    );
    db.run(&insert).await;
    rig.claim(id, 0).await;
    rig.end(&end(id, 1, 0, 0)).await;
    assert_eq!(
        db.run(&insert).await,
        1,
        "the id is free again once the run has ended"
    );
    assert!(
        rig.claim_as(rig.worker, id, 0).await.is_some(),
        "and so it runs twice"
    );
}
