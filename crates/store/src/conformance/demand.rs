//! What asks for workers: counted with the runs, once.

use std::time::Duration;

use super::bench::{Bench, end};
use super::check::{Verdict, ensure, ensure_eq};
use crate::{
    Decided, DecisionId, End, EndState, IdempotencyClaim, IntakeFate, NewRun, StoreError, Timestamp, Usage,
    WriteFate,
};

super::checks![
    what_arrives_is_counted_by_priority_once,
    a_request_that_comes_again_with_its_key_is_no_arrival,
    what_is_not_due_yet_is_foreseen_and_no_arrival,
    what_ends_is_counted_with_its_time_once,
    what_waits_and_runs_is_seen_by_priority,
    a_decision_is_kept_only_under_the_term_that_made_it,
];

/// Arrived, ended, microseconds of a priority since the last call.
async fn flow(bench: &Bench, priority: i64) -> Result<(i64, i64, i64), super::Failure> {
    let rows = bench.store.db().take_flow().await?;
    let own = rows.iter().filter(|row| row.priority == priority);
    Ok(own.fold((0, 0, 0), |sum, row| {
        (sum.0 + row.arrived, sum.1 + row.ended, sum.2 + row.service_us)
    }))
}

async fn what_arrives_is_counted_by_priority_once(bench: &Bench) -> Verdict {
    flow(bench, 0).await?;
    let high = |run| NewRun { priority: 0, ..run };
    let runs = [high(bench.new_run()), high(bench.new_run()), bench.new_run()];
    let token = bench.token();
    for attempt in ["first", "second"] {
        bench.store.intake(token, &runs).await?;
        let expected = if attempt == "first" { (2, 0, 0) } else { (0, 0, 0) };
        ensure_eq!(flow(bench, 0).await?, expected, "{attempt} try");
    }
    Ok(())
}

async fn a_request_that_comes_again_with_its_key_is_no_arrival(bench: &Bench) -> Verdict {
    let keyed = || NewRun {
        idempotency: Some(IdempotencyClaim {
            key: "order 7".to_owned(),
            request_hash: [7; 32],
            keep: Duration::from_hours(1),
        }),
        ..bench.new_run()
    };
    bench.intake_one(&keyed()).await?;
    flow(bench, 1).await?;
    let fate = bench.intake_one(&keyed()).await?;
    ensure!(matches!(fate, IntakeFate::Existing { .. }), "{fate:?}");
    ensure_eq!(flow(bench, 1).await?, (0, 0, 0), "arrivals");
    Ok(())
}

async fn what_is_not_due_yet_is_foreseen_and_no_arrival(bench: &Bench) -> Verdict {
    flow(bench, 1).await?;
    let now = bench.store.now().await?;
    let later = NewRun {
        run_at: Some(now.after(Duration::from_secs(20))),
        ..bench.new_run()
    };
    bench.intake_one(&later).await?;
    ensure_eq!(flow(bench, 1).await?, (0, 0, 0), "arrivals");
    let db = bench.store.db();
    let near = db.due_timers(now, now.after(Duration::from_secs(10))).await?;
    ensure_eq!(near, [], "due within 10 s");
    let far = db.due_timers(now, now.after(Duration::from_secs(30))).await?;
    let seen: Vec<_> = far.iter().map(|due| (due.priority, due.in_s, due.runs)).collect();
    ensure_eq!(seen, [(1, 20, 1)], "due within 30 s");
    Ok(())
}

async fn what_ends_is_counted_with_its_time_once(bench: &Bench) -> Verdict {
    let (run, other) = (bench.running().await?, bench.running().await?);
    flow(bench, 1).await?;
    let usage = Usage {
        worker_us: 3_000_000,
        ..Usage::default()
    };
    let ending = End {
        usage,
        ..end(run, 1, 0, 0)
    };
    ensure_eq!(bench.end(&ending).await?, WriteFate::Committed, "the end");
    ensure_eq!(bench.end(&ending).await?, WriteFate::Committed, "the same again");
    let cancelled = End {
        state: EndState::Cancelled,
        usage,
        ..end(other, 1, 0, 0)
    };
    ensure_eq!(
        bench.end(&cancelled).await?,
        WriteFate::Committed,
        "a cancelled end"
    );
    let rows = bench.store.db().take_flow().await?;
    let ended: Vec<_> = rows.iter().filter(|row| row.ended > 0).collect();
    ensure_eq!(ended.len(), 1, "rows of ends");
    ensure_eq!(
        (ended[0].priority, ended[0].service_us),
        (1, 3_000_000),
        "its time"
    );
    let square = ended[0].service_square;
    ensure_eq!((square - 9.0).abs() < 1e-9, true, "the square, {square},");
    Ok(())
}

async fn what_waits_and_runs_is_seen_by_priority(bench: &Bench) -> Verdict {
    let here = bench.neighbour().await?;
    here.accept(3).await?;
    here.running().await?;
    let load = here.store.db().load().await?;
    let own: Vec<_> = load
        .iter()
        .filter(|row| row.workflow_id == here.workflow)
        .collect();
    ensure_eq!(own.len(), 1, "rows");
    ensure_eq!(
        (own[0].priority, own[0].waiting, own[0].running),
        (1, 3, 1),
        "counts"
    );
    ensure_eq!(own[0].plan.as_deref(), Some("pro"), "plan");
    Ok(())
}

async fn a_decision_is_kept_only_under_the_term_that_made_it(bench: &Bench) -> Verdict {
    let term = bench.term().await?;
    let decision = |term| Decided {
        id: DecisionId(bench.ids.uuid()),
        at: Timestamp(1),
        term,
        desired: 3,
        reason: "balanced".to_owned(),
        decision: "{}".to_owned(),
    };
    let db = bench.store.db();
    let kept = decision(term);
    db.record_decision(kept.clone()).await?;
    let refused = db.record_decision(decision(term + 1)).await;
    ensure!(matches!(refused, Err(StoreError::NotLeader(_))), "{refused:?}");
    ensure_eq!(db.decisions(None, 10).await?, std::slice::from_ref(&kept), "all");
    ensure_eq!(db.decisions(Some(kept.id), 10).await?, [], "before it");
    Ok(())
}
