//! Parking: compare-and-set on the last inbox row folded, in both orders with a delivery (P6, P7).

use std::time::Duration;

use super::bench::{Bench, append, park};
use super::check::{Verdict, ensure, ensure_eq, some};
use crate::{DeliveryFate, InboxKind, NewTimer, Park, RunId, RunState, WriteFate};

super::checks![
    a_parked_run_waits_and_is_not_claimable,
    p6_a_delivery_before_the_park_refuses_it,
    p7_a_delivery_after_the_park_wakes,
    p6_inbox_moved_names_only_newer_rows,
    p7_no_delivery_is_lost_in_a_race,
    a_park_can_journal,
    a_repeat_is_committed_once,
    a_repeat_of_a_park_without_entries_is_committed,
    a_repeat_after_a_wake_is_committed,
    another_body_at_the_same_place_is_fenced,
    wrong_epochs_and_numbers_are_fenced,
    a_fenced_park_arms_nothing,
    a_mixed_batch_answers_in_order,
];

const COMMITTED: WriteFate = WriteFate::Committed;

async fn a_parked_run_waits_and_is_not_claimable(bench: &Bench) -> Verdict {
    let run = bench.waiting(|_| ()).await?;
    ensure_eq!(bench.state(run).await?, RunState::Waiting, "state");
    ensure!(!bench.is_ready(run, 1).await?, "the relay offers a waiting run");
    ensure!(
        bench.try_claim(bench.worker, run, 1).await?.is_none(),
        "a waiting run was claimed"
    );
    ensure_eq!(bench.store.owned(bench.worker).await?, [], "what the worker owns");
    Ok(())
}

async fn p6_a_delivery_before_the_park_refuses_it(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    ensure_eq!(
        bench.cancel(run).await?,
        DeliveryFate::Delivered { hint: None },
        "delivery to a running run"
    );
    let fate = bench.park(&park(run, 1, 0, 0)).await?;
    let WriteFate::InboxMoved(rows) = fate else {
        return Err(super::Failure(format!(
            "a park that missed a delivery answered {fate:?}"
        )));
    };
    ensure_eq!(rows.len(), 1, "rows");
    ensure_eq!(
        (rows[0].n, rows[0].kind, rows[0].body.as_slice()),
        (1, InboxKind::Cancel, &br#"{"who":"a"}"#[..]),
        "row"
    );
    ensure_eq!(
        bench.state(run).await?,
        RunState::Running,
        "state after the refusal"
    );
    ensure_eq!(
        bench.park(&park(run, 1, 0, 1)).await?,
        COMMITTED,
        "park after folding"
    );
    Ok(())
}

async fn p7_a_delivery_after_the_park_wakes(bench: &Bench) -> Verdict {
    let run = bench.waiting(|_| ()).await?;
    ensure_eq!(
        bench.cancel(run).await?,
        DeliveryFate::Delivered { hint: Some(1) },
        "delivery"
    );
    ensure_eq!(bench.state(run).await?, RunState::Pending, "state");
    ensure!(
        bench.is_ready(run, 1).await?,
        "the relay does not see the woken run"
    );
    ensure_eq!(bench.claim(run, 1).await?.inbox.len(), 1, "inbox of the claim");
    Ok(())
}

async fn p6_inbox_moved_names_only_newer_rows(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    for _ in 0..3 {
        bench.cancel(run).await?;
    }
    let fate = bench.park(&park(run, 1, 0, 2)).await?;
    let WriteFate::InboxMoved(rows) = fate else {
        return Err(super::Failure(format!(
            "a park that missed a delivery answered {fate:?}"
        )));
    };
    ensure_eq!(
        rows.iter().map(|row| row.n).collect::<Vec<_>>(),
        [3],
        "numbers of newer rows"
    );
    Ok(())
}

async fn p7_no_delivery_is_lost_in_a_race(bench: &Bench) -> Verdict {
    for _ in 0..20 {
        let run = bench.running().await?;
        let parking = park(run, 1, 0, 0);
        let (parked, delivered) = futures::future::join(bench.park(&parking), bench.cancel(run)).await;
        let expected = match parked? {
            WriteFate::Committed => (RunState::Pending, DeliveryFate::Delivered { hint: Some(1) }),
            WriteFate::InboxMoved(rows) => {
                ensure_eq!(rows.len(), 1, "newer rows");
                (RunState::Running, DeliveryFate::Delivered { hint: None })
            }
            WriteFate::Fenced => return Err(super::Failure("the park was fenced".to_owned())),
        };
        ensure_eq!(
            (bench.state(run).await?, delivered?),
            expected,
            "state and delivery after the race"
        );
    }
    Ok(())
}

async fn a_park_can_journal(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    bench.append(&append(run, 1, 0)).await?;
    let body = br#"[{"parked":1}]"#.to_vec();
    let parking = Park {
        body: Some(body.clone()),
        ..park(run, 1, 1, 0)
    };
    ensure_eq!(bench.park(&parking).await?, COMMITTED, "park");
    bench.cancel(run).await?;
    let claimed = bench.claim(run, 1).await?;
    ensure_eq!(
        (claimed.seq, claimed.journal),
        (2, vec![append(run, 1, 0).body, body]),
        "journal"
    );
    Ok(())
}

async fn timers_of(bench: &Bench, run: RunId) -> Result<usize, super::Failure> {
    bench.fire_all().await?;
    Ok(bench.store.inbox_after(run, 0).await?.len())
}

fn due_timer(at: crate::Timestamp) -> NewTimer {
    NewTimer {
        due: at,
        body: br#"{"timer":1}"#.to_vec(),
    }
}

async fn a_repeat_is_committed_once(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    let timers = vec![due_timer(bench.store.now().await?)];
    let parking = Park {
        body: Some(br#"[{"parked":1}]"#.to_vec()),
        timers,
        ..park(run, 1, 0, 0)
    };
    for attempt in ["first", "second"] {
        ensure_eq!(bench.park(&parking).await?, COMMITTED, "{attempt} try");
    }
    ensure_eq!(timers_of(bench, run).await?, 1, "timers fired");
    ensure_eq!(bench.claim(run, 1).await?.seq, 1, "journal rows");
    Ok(())
}

async fn a_repeat_of_a_park_without_entries_is_committed(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    let timers = vec![due_timer(bench.store.now().await?)];
    let parking = Park {
        timers,
        ..park(run, 1, 0, 0)
    };
    for attempt in ["first", "second"] {
        ensure_eq!(bench.park(&parking).await?, COMMITTED, "{attempt} try");
    }
    ensure_eq!(timers_of(bench, run).await?, 1, "timers fired");
    Ok(())
}

async fn a_repeat_after_a_wake_is_committed(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    let parking = Park {
        body: Some(br#"[{"parked":1}]"#.to_vec()),
        ..park(run, 1, 0, 0)
    };
    bench.park(&parking).await?;
    bench.cancel(run).await?;
    ensure_eq!(bench.park(&parking).await?, COMMITTED, "repeat after a wake");
    ensure_eq!(bench.state(run).await?, RunState::Pending, "state");
    bench.claim(run, 1).await?;
    ensure_eq!(
        bench.park(&parking).await?,
        COMMITTED,
        "repeat after the next claim"
    );
    ensure_eq!(
        bench.state(run).await?,
        RunState::Running,
        "state after the next claim"
    );
    Ok(())
}

async fn another_body_at_the_same_place_is_fenced(bench: &Bench) -> Verdict {
    let run = bench
        .waiting(|park| park.body = Some(br#"[{"parked":1}]"#.to_vec()))
        .await?;
    let other = Park {
        body: Some(br#"[{"parked":2}]"#.to_vec()),
        ..park(run, 1, 0, 0)
    };
    ensure_eq!(
        bench.park(&other).await?,
        WriteFate::Fenced,
        "another park at the same place"
    );
    Ok(())
}

async fn wrong_epochs_and_numbers_are_fenced(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    for (epoch, seq) in [(0, 0), (2, 0), (1, 1)] {
        let fate = bench.park(&park(run, epoch, seq, 0)).await?;
        ensure_eq!(fate, WriteFate::Fenced, "a park at epoch {epoch}, seq {seq}");
    }
    bench.cancel(run).await?;
    ensure_eq!(
        bench.park(&park(run, 2, 0, 0)).await?,
        WriteFate::Fenced,
        "a fence goes before the inbox"
    );
    ensure_eq!(
        bench.park(&park(bench.run_id(), 1, 0, 0)).await?,
        WriteFate::Fenced,
        "unknown run"
    );
    Ok(())
}

async fn a_fenced_park_arms_nothing(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    let timers = vec![due_timer(bench.store.now().await?)];
    bench
        .park(&Park {
            timers: timers.clone(),
            ..park(run, 2, 0, 0)
        })
        .await?;
    ensure_eq!(timers_of(bench, run).await?, 0, "timers of a fenced park");
    bench.cancel(run).await?;
    bench
        .park(&Park {
            timers,
            body: Some(b"[1]".to_vec()),
            ..park(run, 1, 0, 0)
        })
        .await?;
    ensure_eq!(
        timers_of(bench, run).await?,
        1,
        "inbox rows: the cancel alone, no timer of a refused park"
    );
    ensure_eq!(
        bench.append(&append(run, 1, 0)).await?,
        COMMITTED,
        "an append at the place of the refused park"
    );
    Ok(())
}

async fn a_mixed_batch_answers_in_order(bench: &Bench) -> Verdict {
    let runs = bench.accept(4).await?;
    for run in &runs {
        bench.claim(*run, 0).await?;
    }
    bench.cancel(runs[1]).await?;
    let due = bench.store.now().await?.after(Duration::from_hours(1));
    let mut parks: Vec<_> = runs.iter().map(|run| park(*run, 1, 0, 0)).collect();
    parks[2].epoch = 9;
    parks[3].timers = vec![due_timer(due), due_timer(due)];
    let fates = bench.store.park(&parks).await?;
    ensure_eq!(
        (&fates[0], &fates[2], &fates[3]),
        (&COMMITTED, &WriteFate::Fenced, &COMMITTED),
        "fates"
    );
    let moved = match some!(fates.get(1), "the second fate") {
        WriteFate::InboxMoved(rows) => rows.len(),
        _ => 0,
    };
    ensure_eq!(moved, 1, "newer rows of the second");
    Ok(())
}
