//! Faults of an embedded installation.

use super::*;

#[tokio::test]
async fn the_one_process_is_killed_paused_restarted_and_comes_back_at_the_same_place_with_the_same_key() {
    let installation = Installation::embedded(&settings()).await.unwrap();
    let first = pids(&installation, Role::All).await;
    for kind in [Kind::Kill(Role::All), Kind::Restart(Role::All)] {
        let before = pids(&installation, Role::All).await;
        assert_eq!(
            played(&installation, &[fault(kind)]).await,
            [(kind, Phase::Begin), (kind, Phase::End)]
        );
        assert_ne!(pids(&installation, Role::All).await, before);
    }
    assert_ne!(pids(&installation, Role::All).await, first);
    assert!(installation.exits().is_empty(), "{:?}", installation.exits());
    during(&installation, fault(Kind::Pause(Role::All)), async || {
        !of(&installation, Role::All).await[0].ready
    })
    .await;
}

#[tokio::test]
async fn its_clock_jumps_forward_and_back_and_its_disk_is_full_for_a_while() {
    let installation = Installation::embedded(&settings()).await.unwrap();
    let faults = [Kind::DiskFull, Kind::ClockForward, Kind::ClockBack].map(fault);
    let told = played(&installation, &faults).await;
    assert_eq!(told.len(), 6);
    assert!(
        told.iter().all(|(_, phase)| !matches!(phase, Phase::Skipped(_))),
        "{told:?}"
    );
    installation.heal(HEAL).await.unwrap();
}

#[tokio::test]
async fn faults_of_servers_are_not_among_its_kinds() {
    let installation = Installation::embedded(&settings()).await.unwrap();
    let names: Vec<_> = installation.kinds().iter().map(ToString::to_string).collect();
    let expected = [
        "kill-all",
        "pause-all",
        "restart-all",
        "disk-full",
        "clock-forward",
        "clock-back",
    ];
    assert_eq!(names, expected);
}
