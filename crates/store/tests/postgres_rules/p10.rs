//! P10: every rescue pass frees all running rows whose worker is not alive.

use levqor_store::{Ready, RunState, SchedulerStore};

use crate::rig::Rig;

#[tokio::test]
async fn p10_a_claim_that_comes_after_the_death_is_freed_by_the_next_pass() {
    let rig = Rig::new().await;
    let (term, dead) = (rig.lead().await, rig.new_worker().await);
    rig.bury(term, dead).await;
    assert_eq!(rig.store.rescue(term, 10).await.unwrap(), []);
    let (run, held) = (rig.accept().await, rig.running().await);
    assert!(
        rig.claim_as(dead, run, 0).await.is_some(),
        "a claim that was under way"
    );
    assert_eq!(
        rig.store.rescue(term, 10).await.unwrap(),
        [Ready {
            run,
            epoch: 1,
            priority: 1
        }]
    );
    assert_eq!(
        rig.state(held).await,
        Some(RunState::Running),
        "a living worker's run"
    );
}

#[tokio::test]
async fn p10_a_rescue_leaves_a_run_that_a_living_worker_took_meanwhile() {
    let rig = Rig::new().await;
    let (term, dead) = (rig.lead().await, rig.new_worker().await);
    let run = rig.accept().await;
    rig.claim_as(dead, run, 0).await;
    rig.bury(term, dead).await;
    let mut other = rig.connection().await;
    // Released by the dying worker and claimed by another that has just come, while the pass waits for the row.
    let alive = rig.id();
    other
        .run(format!(
            "BEGIN; UPDATE live SET state = 1, epoch = 2, worker = '{alive}' WHERE id = '{run}';
             INSERT INTO workers (id, registered_at, beat_at, slots, name, version) VALUES ('{alive}', 0, 0, 1, '', '')"
        ))
        .await;
    let rescue = rig.start(move |store| async move { store.rescue(term, 10).await });
    rig.until_waiting(1).await;
    other.run("COMMIT").await;
    assert_eq!(rescue.await.unwrap().unwrap(), []);
    assert_eq!(rig.state(run).await, Some(RunState::Running));
}

#[tokio::test]
async fn p10_broken_a_rescue_at_the_death_alone_leaves_a_late_claim_for_ever() {
    let rig = Rig::new().await;
    let (term, dead) = (rig.lead().await, rig.new_worker().await);
    let mut rescuer = rig.connection().await;
    rig.bury(term, dead).await;
    let at_death = format!("UPDATE live SET state = 0, worker = NULL WHERE worker = '{dead}'");
    rescuer.run(at_death).await;
    let run = rig.accept().await;
    rig.claim_as(dead, run, 0).await;
    assert!(
        !rig.store.bury(term, dead, 0).await.unwrap(),
        "nobody dies twice, so nothing frees it any more"
    );
    assert_eq!(rig.state(run).await, Some(RunState::Running));
}
