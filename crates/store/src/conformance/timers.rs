//! Timers: not before their time, in order of it, once, and only those of the latest park.

use std::time::Duration;

use super::bench::{Bench, park};
use super::check::{Failure, Verdict, ensure, ensure_eq, some};
use crate::{InboxKind, IntakeFate, NewRun, NewTimer, Park, Ready, RunId, RunState, Timestamp, WriteFate};

super::checks![
    a_due_timer_wakes_its_run_once,
    a_timer_does_not_fire_before_its_time,
    timers_fire_in_order_of_their_time,
    a_pass_has_a_limit,
    several_timers_of_one_run_all_fire,
    a_later_park_replaces_the_timers,
    next_timer_is_the_earliest,
    a_run_at_run_starts_by_its_timer,
    a_timer_of_a_woken_run_still_fires,
];

const HOUR: Duration = Duration::from_hours(1);

fn timer(due: Timestamp, body: &str) -> NewTimer {
    NewTimer {
        due,
        body: body.as_bytes().to_vec(),
    }
}

async fn waiting_until(bench: &Bench, due: Timestamp) -> Result<RunId, Failure> {
    bench
        .waiting(|park| park.timers = vec![timer(due, r#"{"t":1}"#)])
        .await
}

async fn bodies(bench: &Bench, run: RunId) -> Result<Vec<String>, Failure> {
    let rows = bench.store.inbox_after(run, 0).await?;
    Ok(rows
        .iter()
        .map(|row| String::from_utf8_lossy(&row.body).into_owned())
        .collect())
}

async fn a_due_timer_wakes_its_run_once(bench: &Bench) -> Verdict {
    let run = waiting_until(bench, bench.store.now().await?).await?;
    ensure!(
        bench.fire_all().await?.contains(&Ready {
            run,
            epoch: 1,
            priority: 1
        }),
        "not among those to ring"
    );
    ensure_eq!(bench.state(run).await?, RunState::Pending, "state");
    ensure!(bench.fire_all().await?.is_empty(), "it fired again");
    let claimed = bench.claim(run, 1).await?;
    ensure_eq!(claimed.inbox.len(), 1, "inbox rows");
    let row = &claimed.inbox[0];
    ensure_eq!(
        (row.n, row.kind, row.body.as_slice()),
        (1, InboxKind::Timer, &br#"{"t":1}"#[..]),
        "inbox row"
    );
    Ok(())
}

async fn a_timer_does_not_fire_before_its_time(bench: &Bench) -> Verdict {
    let later = waiting_until(bench, bench.store.now().await?.after(HOUR)).await?;
    ensure!(
        bench.fire_all().await?.iter().all(|ready| ready.run != later),
        "it fired an hour early"
    );
    ensure_eq!(bench.state(later).await?, RunState::Waiting, "state");
    let due = bench.store.now().await?.after(Duration::from_millis(30));
    let soon = waiting_until(bench, due).await?;
    let fired_at = bench
        .eventually("a timer due in 30 ms", async || {
            let fired = bench.fire_all().await?;
            let now = bench.store.now().await?;
            Ok(fired.iter().any(|ready| ready.run == soon).then_some(now))
        })
        .await?;
    ensure!(fired_at >= due, "fired at {fired_at:?}, due at {due:?}");
    Ok(())
}

async fn timers_fire_in_order_of_their_time(bench: &Bench) -> Verdict {
    let now = bench.store.now().await?;
    let mut expected = Vec::new();
    for ago in [2, 5, 1, 4, 3] {
        let due = Timestamp(now.0 - ago * 1_000_000);
        expected.push((due, waiting_until(bench, due).await?));
    }
    expected.sort();
    let term = bench.term().await?;
    let mut fired = Vec::new();
    for _ in 0..5 {
        let some = bench.store.fire_timers(term, 1).await?;
        fired.extend(some.into_iter().map(|ready| ready.run));
    }
    ensure_eq!(
        fired,
        expected.into_iter().map(|(_, run)| run).collect::<Vec<_>>(),
        "order"
    );
    Ok(())
}

async fn a_pass_has_a_limit(bench: &Bench) -> Verdict {
    let now = bench.store.now().await?;
    for _ in 0..5 {
        waiting_until(bench, now).await?;
    }
    let term = bench.term().await?;
    for expected in [2, 2, 1, 0] {
        ensure_eq!(
            bench.store.fire_timers(term, 2).await?.len(),
            expected,
            "timers fired by one pass of 2"
        );
    }
    Ok(())
}

async fn several_timers_of_one_run_all_fire(bench: &Bench) -> Verdict {
    let now = bench.store.now().await?;
    let run = bench
        .waiting(|park| park.timers = ["1", "2", "3"].map(|body| timer(now, body)).to_vec())
        .await?;
    let fired = bench.fire_all().await?;
    ensure!(
        fired.iter().any(|ready| ready.run == run),
        "not among those to ring"
    );
    let mut seen = bodies(bench, run).await?;
    seen.sort();
    ensure_eq!(seen, ["1", "2", "3"], "inbox");
    ensure_eq!(bench.claim(run, 1).await?.inbox.len(), 3, "inbox of the claim");
    Ok(())
}

async fn a_later_park_replaces_the_timers(bench: &Bench) -> Verdict {
    let run = waiting_until(bench, bench.store.now().await?).await?;
    bench.cancel(run).await?;
    bench.claim(run, 1).await?;
    let mut second = park(run, 2, 0, 1);
    second.timers = vec![timer(bench.store.now().await?, "second")];
    ensure_eq!(bench.park(&second).await?, WriteFate::Committed, "second park");
    bench.fire_all().await?;
    ensure_eq!(
        bodies(bench, run).await?,
        [r#"{"who":"a"}"#, "second"],
        "inbox after the second park"
    );
    bench.claim(run, 2).await?;
    second.timers = vec![timer(bench.store.now().await?, "third")];
    let third = Park {
        epoch: 3,
        inbox: 2,
        ..second
    };
    ensure_eq!(bench.park(&third).await?, WriteFate::Committed, "third park");
    bench.cancel(run).await?;
    bench.claim(run, 3).await?;
    ensure_eq!(
        bench.park(&park(run, 4, 0, 3)).await?,
        WriteFate::Committed,
        "a park without timers"
    );
    bench.fire_all().await?;
    ensure_eq!(
        bodies(bench, run).await?.len(),
        3,
        "inbox rows after a park without timers"
    );
    ensure_eq!(bench.state(run).await?, RunState::Waiting, "state");
    Ok(())
}

async fn next_timer_is_the_earliest(bench: &Bench) -> Verdict {
    let due = Timestamp(bench.store.now().await?.0 - 60_000_000);
    waiting_until(bench, due.after(HOUR)).await?;
    waiting_until(bench, due).await?;
    ensure_eq!(bench.store.next_timer().await?, Some(due), "the next timer");
    bench.fire_all().await?;
    ensure!(
        bench.store.next_timer().await? > Some(due),
        "it is still there after it fired"
    );
    Ok(())
}

async fn a_run_at_run_starts_by_its_timer(bench: &Bench) -> Verdict {
    let due = bench.store.now().await?.after(Duration::from_millis(30));
    let run = NewRun {
        run_at: Some(due),
        ..bench.new_run()
    };
    ensure_eq!(
        bench.intake_one(&run).await?,
        IntakeFate::Accepted { ready: false },
        "fate"
    );
    let ready = bench
        .eventually("the start of a run due in 30 ms", async || {
            Ok(bench
                .fire_all()
                .await?
                .into_iter()
                .find(|ready| ready.run == run.id))
        })
        .await?;
    ensure_eq!(
        ready,
        Ready {
            run: run.id,
            epoch: 0,
            priority: 1
        },
        "what to ring"
    );
    ensure!(bench.is_ready(run.id, 0).await?, "the relay does not see it");
    let claimed = bench.claim(run.id, 0).await?;
    let row = some!(claimed.inbox.first(), "the start timer in the inbox");
    ensure_eq!(
        (row.kind, row.body.as_slice()),
        (InboxKind::Timer, &br#"{"start":true}"#[..]),
        "inbox row"
    );
    ensure!(claimed.now >= due, "claimed at {:?}, due at {due:?}", claimed.now);
    Ok(())
}

async fn a_timer_of_a_woken_run_still_fires(bench: &Bench) -> Verdict {
    let run = waiting_until(bench, bench.store.now().await?).await?;
    bench.cancel(run).await?;
    bench.fire_all().await?;
    ensure_eq!(bodies(bench, run).await?.len(), 2, "inbox rows of a pending run");
    Ok(())
}
