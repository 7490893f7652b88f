//! Terms: one holder, a new number for a new holder, nothing written under an old one (P9).

use std::time::Duration;

use super::bench::Bench;
use super::check::{Failure, Verdict, ensure, ensure_eq, some};
use crate::{StoreError, WorkerId};

super::checks![
    a_holder_keeps_its_term,
    the_lease_is_exclusive,
    an_expired_lease_goes_to_another,
    an_abdicated_lease_goes_at_once,
    abdicating_what_another_holds_does_nothing,
    of_concurrent_candidates_one_leads,
    p9_writes_under_an_old_term_are_refused,
];

const LONG: Duration = Duration::from_hours(1);

/// Ends whatever lease an earlier check left; the holder of a new one.
async fn lead(bench: &Bench, lease: Duration) -> Result<(WorkerId, i64), Failure> {
    let holder = WorkerId(bench.token());
    let term = bench.store.lead(holder, lease).await?;
    Ok((holder, some!(term, "a lease nobody holds")))
}

async fn a_holder_keeps_its_term(bench: &Bench) -> Verdict {
    let (holder, term) = lead(bench, LONG).await?;
    for _ in 0..3 {
        ensure_eq!(
            bench.store.lead(holder, LONG).await?,
            Some(term),
            "term when asked again"
        );
    }
    bench.store.abdicate(holder).await?;
    Ok(())
}

async fn the_lease_is_exclusive(bench: &Bench) -> Verdict {
    let (holder, _) = lead(bench, LONG).await?;
    ensure_eq!(
        bench.store.lead(WorkerId(bench.token()), LONG).await?,
        None,
        "another's term"
    );
    bench.store.abdicate(holder).await?;
    Ok(())
}

async fn an_expired_lease_goes_to_another(bench: &Bench) -> Verdict {
    let (_, old) = lead(bench, Duration::from_millis(50)).await?;
    let next = WorkerId(bench.token());
    let probe = async || Ok(bench.store.lead(next, LONG).await?);
    let new = bench.eventually("the end of a lease of 50 ms", probe).await?;
    ensure!(new > old, "term {new} follows {old}");
    bench.store.abdicate(next).await?;
    Ok(())
}

async fn an_abdicated_lease_goes_at_once(bench: &Bench) -> Verdict {
    let (holder, old) = lead(bench, LONG).await?;
    bench.store.abdicate(holder).await?;
    let (next, new) = lead(bench, LONG).await?;
    ensure!(new > old, "term {new} follows {old}");
    bench.store.abdicate(next).await?;
    Ok(())
}

async fn abdicating_what_another_holds_does_nothing(bench: &Bench) -> Verdict {
    let (holder, term) = lead(bench, LONG).await?;
    bench.store.abdicate(WorkerId(bench.token())).await?;
    ensure_eq!(
        bench.store.lead(WorkerId(bench.token()), LONG).await?,
        None,
        "another's term"
    );
    ensure_eq!(
        bench.store.lead(holder, LONG).await?,
        Some(term),
        "the holder's term"
    );
    bench.store.abdicate(holder).await?;
    Ok(())
}

async fn of_concurrent_candidates_one_leads(bench: &Bench) -> Verdict {
    let candidates: Vec<_> = (0..8).map(|_| WorkerId(bench.token())).collect();
    let calls = candidates
        .iter()
        .map(|candidate| bench.store.lead(*candidate, LONG));
    let mut leaders = Vec::new();
    for (candidate, term) in candidates.iter().zip(futures::future::join_all(calls).await) {
        leaders.extend(term?.map(|_| *candidate));
    }
    ensure_eq!(leaders.len(), 1, "leaders");
    bench.store.abdicate(leaders[0]).await?;
    Ok(())
}

/// That a write bound to `term` was refused as that of an old leader.
fn refused<T: std::fmt::Debug>(what: &str, term: i64, answer: Result<T, StoreError>) -> Verdict {
    match answer {
        Err(StoreError::NotLeader(named)) if named == term => Ok(()),
        other => Err(Failure(format!("{what} under an old term answered {other:?}"))),
    }
}

async fn p9_writes_under_an_old_term_are_refused(bench: &Bench) -> Verdict {
    let (holder, old) = lead(bench, LONG).await?;
    bench.store.abdicate(holder).await?;
    let (next, _) = lead(bench, LONG).await?;
    let now = bench.store.now().await?;
    let store = &bench.store;
    refused("fire_timers", old, store.fire_timers(old, 10).await)?;
    refused("bury", old, store.bury(old, bench.worker, 0).await)?;
    refused("rescue", old, store.rescue(old, 10).await)?;
    refused("tick", old, store.tick(old, 1, now, None, &[]).await)?;
    refused("lease_outbox", old, store.lease_outbox(old, 10).await)?;
    refused("continue_events", old, store.continue_events(old).await)?;
    refused("sweep", old, store.sweep(old, 10).await)?;
    refused("ensure_partitions", old, store.ensure_partitions(old).await)?;
    ensure!(
        store.beat(bench.worker, 0).await?,
        "an old leader buried a worker"
    );
    store.abdicate(next).await?;
    Ok(())
}
