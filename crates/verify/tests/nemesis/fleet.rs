//! Faults of a fleet: what they do is seen from outside, by process ids and health.

use levqor_verify::faults::Link;

use super::*;

async fn fleet() -> Installation {
    Installation::fleet(&settings()).await.unwrap()
}

/// Whether no process of a role is ready.
async fn down(installation: &Installation, role: Role) -> bool {
    of(installation, role).await.iter().all(|process| !process.ready)
}

#[tokio::test]
async fn one_process_of_a_role_is_killed_or_restarted_and_the_others_go_on() {
    let installation = fleet().await;
    for kind in [Kind::Kill(Role::Worker), Kind::Restart(Role::Worker)] {
        let before = pids(&installation, Role::Worker).await;
        let others = pids(&installation, Role::Scheduler).await;
        assert_eq!(
            played(&installation, &[fault(kind)]).await,
            [(kind, Phase::Begin), (kind, Phase::End)]
        );
        let after = pids(&installation, Role::Worker).await;
        assert_ne!(before[0], after[0]);
        assert_eq!(before[1], after[1]);
        assert_eq!(pids(&installation, Role::Scheduler).await, others);
    }
    assert!(installation.exits().is_empty(), "{:?}", installation.exits());
}

#[tokio::test]
async fn all_processes_are_killed_at_once_and_all_come_back() {
    let installation = fleet().await;
    let before = installation.processes().await;
    played(&installation, &[fault(Kind::Kill(Role::All))]).await;
    let after = installation.processes().await;
    assert_eq!(after.len(), 5);
    assert!(after.iter().all(|process| process.ready), "{after:?}");
    assert!(
        before
            .iter()
            .zip(&after)
            .all(|(before, after)| before.pid != after.pid)
    );
}

#[tokio::test]
async fn a_paused_process_does_not_answer_until_it_goes_on_as_the_same() {
    let installation = fleet().await;
    let before = pids(&installation, Role::Api).await;
    during(&installation, fault(Kind::Pause(Role::Api)), async || {
        down(&installation, Role::Api).await
    })
    .await;
    assert_eq!(pids(&installation, Role::Api).await, before);
}

#[tokio::test]
async fn every_way_to_lose_a_line_is_seen_by_the_role_behind_it_and_not_by_others() {
    let installation = fleet().await;
    for link in Link::ALL {
        for kind in [
            Kind::Partition(link),
            Kind::Cut(link),
            Kind::LostRequests(link),
            Kind::LostReplies(link),
            Kind::HalfOpen(link),
        ] {
            let mut fault = fault(kind);
            fault.whom = Role::Scheduler;
            during(&installation, fault, async || {
                down(&installation, Role::Scheduler).await && !down(&installation, Role::Api).await
            })
            .await;
        }
    }
}

#[tokio::test]
async fn servers_go_away_and_come_back() {
    let installation = fleet().await;
    for kind in [Kind::RedisRestart, Kind::PostgresRestart, Kind::PostgresCrash] {
        during(&installation, fault(kind), async || {
            down(&installation, Role::Api).await
        })
        .await;
        assert!(installation.processes().await.iter().all(|process| process.ready));
    }
}

#[tokio::test]
async fn a_flushed_queue_a_full_disk_and_slow_lines_are_survived() {
    let installation = fleet().await;
    let mut slow = Link::ALL.map(|link| fault(Kind::Slow(link)));
    for slow in &mut slow {
        slow.by = Duration::from_millis(50);
    }
    let told = played(
        &installation,
        &[fault(Kind::RedisFlush), fault(Kind::DiskFull), slow[0], slow[1]],
    )
    .await;
    assert_eq!(
        told.iter().filter(|(_, phase)| *phase == Phase::End).count(),
        4,
        "{told:?}"
    );
    installation.heal(HEAL).await.unwrap();
}

/// The server keeps its `date` for up to a second, and after a jump back for as long as it was ahead: forward it is seen.
#[tokio::test]
async fn the_clock_of_a_role_jumps_and_that_of_others_does_not() {
    let installation = fleet().await;
    for (whom, off) in [(Role::Worker, 0), (Role::Api, 100), (Role::All, 100)] {
        let right = date(&installation).await;
        let jump = Fault {
            whom,
            ..fault(Kind::ClockForward)
        };
        during(&installation, jump, async || {
            (date(&installation).await - right - off).abs() < 40
        })
        .await;
        // A new process has kept nothing.
        played(&installation, &[fault(Kind::Kill(Role::Api))]).await;
        assert!((date(&installation).await - right).abs() < 40);
    }
}

#[tokio::test]
async fn no_jump_is_skipped() {
    let installation = fleet().await;
    for whom in Role::ALL {
        for kind in [Kind::ClockForward, Kind::ClockBack] {
            let jump = Fault {
                whom,
                lasts: Duration::from_millis(500),
                ..fault(kind)
            };
            let told = played(&installation, &[jump]).await;
            assert_eq!(told, [(kind, Phase::Begin), (kind, Phase::End)]);
        }
    }
    installation.heal(HEAL).await.unwrap();
}

#[tokio::test]
async fn faults_about_different_parts_overlap_and_those_about_one_part_wait() {
    let installation = fleet().await;
    let (pause, kill) = (Kind::Pause(Role::Worker), Kind::Kill(Role::Worker));
    let told = played(
        &installation,
        &[fault(pause), fault(Kind::RedisFlush), fault(kill)],
    )
    .await;
    let place = |kind, phase| told.iter().position(|(k, p)| (*k, p) == (kind, &phase)).unwrap();
    assert!(
        place(Kind::RedisFlush, Phase::End) < place(pause, Phase::End),
        "{told:?}"
    );
    assert!(place(pause, Phase::End) < place(kill, Phase::Begin), "{told:?}");
}
