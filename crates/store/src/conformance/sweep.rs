//! The sweep deletes what is over, in bounded passes, and nothing that belongs to a live run (P8).

use std::time::Duration;

use super::bench::{Bench, append, park};
use super::check::{Failure, Verdict, ensure, ensure_eq};
use crate::{
    IdempotencyClaim, IntakeFate, NewEvent, NewOutbox, NewRun, NewSubscription, NewTimer, OutboxKind,
    WriteFate,
};

super::checks![
    an_expired_key_is_free_after_a_sweep,
    a_key_in_use_is_kept,
    a_pass_has_a_limit,
    p8_live_runs_keep_all_they_have,
    p2_a_fresh_token_is_kept,
    a_fresh_event_is_kept,
];

const ACCEPTED: IntakeFate = IntakeFate::Accepted { ready: true };

fn keyed(bench: &Bench, key: &str, keep: Duration) -> NewRun {
    let idempotency = Some(IdempotencyClaim {
        key: key.to_owned(),
        request_hash: [1; 32],
        keep,
    });
    NewRun {
        idempotency,
        ..bench.new_run()
    }
}

/// Sweeps until nothing is left; how many rows went with each pass.
async fn sweep_all(bench: &Bench, limit: i64) -> Result<Vec<u64>, Failure> {
    let term = bench.term().await?;
    let mut passes = Vec::new();
    loop {
        match bench.store.sweep(term, limit).await? {
            0 => return Ok(passes),
            gone => passes.push(gone),
        }
    }
}

async fn an_expired_key_is_free_after_a_sweep(bench: &Bench) -> Verdict {
    ensure_eq!(
        bench
            .intake_one(&keyed(bench, "k", Duration::from_micros(1)))
            .await?,
        ACCEPTED,
        "first"
    );
    bench
        .eventually("the sweep of a key kept 1 µs", async || {
            sweep_all(bench, 100).await?;
            let again = keyed(bench, "k", Duration::from_hours(1));
            Ok((bench.intake_one(&again).await? == ACCEPTED).then_some(()))
        })
        .await
}

async fn a_key_in_use_is_kept(bench: &Bench) -> Verdict {
    let first = keyed(bench, "k", Duration::from_hours(1));
    bench.intake_one(&first).await?;
    sweep_all(bench, 100).await?;
    let fate = bench
        .intake_one(&keyed(bench, "k", Duration::from_secs(1)))
        .await?;
    ensure_eq!(
        fate,
        IntakeFate::Existing { run: first.id },
        "the key after a sweep"
    );
    Ok(())
}

async fn a_pass_has_a_limit(bench: &Bench) -> Verdict {
    let runs: Vec<_> = (0..5)
        .map(|n| keyed(bench, &n.to_string(), Duration::from_micros(1)))
        .collect();
    bench.store.intake(bench.token(), &runs).await?;
    let mut passes = Vec::new();
    bench
        .eventually("the sweep of five keys", async || {
            passes.extend(sweep_all(bench, 2).await?);
            Ok((passes.iter().sum::<u64>() >= 5).then_some(()))
        })
        .await?;
    ensure!(
        passes.iter().all(|gone| *gone <= 2),
        "rows of one kind by passes of 2: {passes:?}"
    );
    Ok(())
}

async fn p8_live_runs_keep_all_they_have(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    let message = NewOutbox {
        kind: OutboxKind::Event,
        target: None,
        body: b"1".to_vec(),
    };
    let mut first = append(run, 1, 0);
    first.outbox = vec![message];
    bench.append(&first).await?;
    bench.cancel(run).await?;
    let now = bench.store.now().await?;
    let mut parking = park(run, 1, 1, 1);
    parking.timers = vec![NewTimer {
        due: now,
        body: b"2".to_vec(),
    }];
    parking.subscriptions = vec![NewSubscription {
        event_type: None,
        source: None,
    }];
    ensure_eq!(bench.park(&parking).await?, WriteFate::Committed, "park");
    sweep_all(bench, 100).await?;
    bench.fire_all().await?;
    let event = fresh_event(bench);
    ensure_eq!(
        bench.store.ingest(&event).await?.matched,
        1,
        "subscriptions after a sweep"
    );
    let claimed = bench.claim(run, 1).await?;
    ensure_eq!(
        (claimed.journal.len(), claimed.inbox.len()),
        (1, 3),
        "journal and inbox after a sweep"
    );
    let term = bench.term().await?;
    let leased = bench.store.lease_outbox(term, 1_000).await?;
    ensure!(leased.iter().any(|row| row.run == run), "the outbox row is gone");
    Ok(())
}

async fn p2_a_fresh_token_is_kept(bench: &Bench) -> Verdict {
    let (token, run) = (bench.token(), bench.new_run());
    bench.store.intake(token, std::slice::from_ref(&run)).await?;
    sweep_all(bench, 100).await?;
    let again = bench.store.intake(token, std::slice::from_ref(&run)).await?;
    ensure_eq!(again, [ACCEPTED], "the repeat after a sweep");
    Ok(())
}

fn fresh_event(bench: &Bench) -> NewEvent {
    NewEvent {
        tenant: bench.tenant,
        source: "s".to_owned(),
        event_id: "1".to_owned(),
        event_type: "t".to_owned(),
        body: b"{}".to_vec(),
    }
}

async fn a_fresh_event_is_kept(bench: &Bench) -> Verdict {
    bench.store.ingest(&fresh_event(bench)).await?;
    sweep_all(bench, 100).await?;
    ensure!(
        bench.store.ingest(&fresh_event(bench)).await?.duplicate,
        "the event was forgotten"
    );
    Ok(())
}
