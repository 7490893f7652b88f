//! Events: literals, tenants, repeats, more subscribers than one transaction takes.

use super::bench::{Bench, park};
use super::check::{Failure, Verdict, ensure, ensure_eq};
use crate::{ClaimRequest, InboxKind, Ingested, NewEvent, NewSubscription, RunId, RunState, WriteFate};

super::checks![
    type_and_source_literals_are_compared,
    a_repeated_event_is_a_duplicate,
    the_same_id_of_another_source_is_another_event,
    events_do_not_cross_tenants,
    one_event_comes_once_to_a_run_with_two_subscriptions,
    a_later_park_replaces_the_subscriptions,
    an_event_that_comes_while_a_worker_holds_the_run_is_kept,
    a_park_without_subscriptions_closes_them,
    more_than_a_thousand_subscribers_are_continued,
];

fn event(bench: &Bench, id: &str, event_type: &str, source: &str) -> NewEvent {
    NewEvent {
        tenant: bench.tenant,
        source: source.to_owned(),
        event_id: id.to_owned(),
        event_type: event_type.to_owned(),
        body: format!(r#"{{"id":"{id}"}}"#).into_bytes(),
    }
}

fn subscription(event_type: Option<&str>, source: Option<&str>) -> NewSubscription {
    NewSubscription {
        event_type: event_type.map(str::to_owned),
        source: source.map(str::to_owned),
    }
}

async fn listening(bench: &Bench, event_type: Option<&str>, source: Option<&str>) -> Result<RunId, Failure> {
    bench
        .waiting(|park| park.subscriptions = vec![subscription(event_type, source)])
        .await
}

fn hints(ingested: Ingested) -> Vec<(RunId, i32)> {
    let mut hints = ingested.hints;
    hints.sort();
    hints
}

async fn type_and_source_literals_are_compared(bench: &Bench) -> Verdict {
    let any = listening(bench, None, None).await?;
    let by_type = listening(bench, Some("t"), None).await?;
    let by_source = listening(bench, None, Some("s")).await?;
    let by_both = listening(bench, Some("t"), Some("s")).await?;
    let other = listening(bench, Some("t"), Some("elsewhere")).await?;
    let ingested = bench.store.ingest(&event(bench, "1", "t", "s")).await?;
    ensure_eq!(
        (ingested.duplicate, ingested.matched, ingested.more),
        (false, 4, false),
        "ingested"
    );
    ensure_eq!(
        hints(ingested),
        [(any, 1), (by_type, 1), (by_source, 1), (by_both, 1)],
        "runs to ring"
    );
    ensure_eq!(
        bench.state(other).await?,
        RunState::Waiting,
        "the run that listens elsewhere"
    );
    let inbox = bench.claim(by_both, 1).await?.inbox;
    ensure_eq!(inbox.len(), 1, "inbox rows");
    ensure_eq!(
        (inbox[0].kind, inbox[0].body.as_slice()),
        (InboxKind::Event, &br#"{"id":"1"}"#[..]),
        "inbox row"
    );
    Ok(())
}

async fn a_repeated_event_is_a_duplicate(bench: &Bench) -> Verdict {
    let run = listening(bench, None, None).await?;
    ensure_eq!(
        bench.store.ingest(&event(bench, "1", "t", "s")).await?.matched,
        1,
        "first"
    );
    let again = bench.store.ingest(&event(bench, "1", "t", "s")).await?;
    ensure!(
        again.duplicate && again.matched == 0 && again.hints.is_empty(),
        "the repeat answered {again:?}"
    );
    ensure_eq!(bench.store.inbox_after(run, 0).await?.len(), 1, "inbox rows");
    Ok(())
}

async fn the_same_id_of_another_source_is_another_event(bench: &Bench) -> Verdict {
    let run = listening(bench, None, None).await?;
    for source in ["s", "r"] {
        ensure_eq!(
            bench.store.ingest(&event(bench, "1", "t", source)).await?.matched,
            1,
            "source {source}"
        );
    }
    ensure_eq!(bench.store.inbox_after(run, 0).await?.len(), 2, "inbox rows");
    Ok(())
}

async fn events_do_not_cross_tenants(bench: &Bench) -> Verdict {
    let run = listening(bench, None, None).await?;
    let stranger = bench.neighbour().await?;
    let ingested = bench.store.ingest(&event(&stranger, "1", "t", "s")).await?;
    ensure_eq!(
        (ingested.duplicate, ingested.matched),
        (false, 0),
        "a stranger's event"
    );
    ensure_eq!(bench.state(run).await?, RunState::Waiting, "state");
    ensure_eq!(
        bench.store.ingest(&event(bench, "1", "t", "s")).await?.matched,
        1,
        "the same id in this tenant"
    );
    Ok(())
}

async fn one_event_comes_once_to_a_run_with_two_subscriptions(bench: &Bench) -> Verdict {
    let both = vec![subscription(Some("t"), None), subscription(None, Some("s"))];
    let run = bench.waiting(|park| park.subscriptions = both).await?;
    let ingested = bench.store.ingest(&event(bench, "1", "t", "s")).await?;
    ensure_eq!(
        (ingested.matched, hints(ingested)),
        (1, vec![(run, 1)]),
        "matched"
    );
    ensure_eq!(bench.store.inbox_after(run, 0).await?.len(), 1, "inbox rows");
    Ok(())
}

async fn a_later_park_replaces_the_subscriptions(bench: &Bench) -> Verdict {
    let run = listening(bench, Some("first"), None).await?;
    bench.cancel(run).await?;
    bench.claim(run, 1).await?;
    let mut second = park(run, 2, 0, 1);
    second.subscriptions = vec![subscription(Some("second"), None)];
    ensure_eq!(bench.park(&second).await?, WriteFate::Committed, "second park");
    ensure_eq!(
        bench
            .store
            .ingest(&event(bench, "1", "first", "s"))
            .await?
            .matched,
        0,
        "the first's type"
    );
    ensure_eq!(
        bench
            .store
            .ingest(&event(bench, "2", "second", "s"))
            .await?
            .matched,
        1,
        "the second's type"
    );
    Ok(())
}

async fn an_event_that_comes_while_a_worker_holds_the_run_is_kept(bench: &Bench) -> Verdict {
    let run = listening(bench, None, None).await?;
    bench.cancel(run).await?;
    bench.claim(run, 1).await?;
    let ingested = bench.store.ingest(&event(bench, "1", "t", "s")).await?;
    ensure_eq!(
        (ingested.matched, ingested.hints.len()),
        (1, 0),
        "matched, and nobody to ring"
    );
    let fate = bench.park(&park(run, 2, 0, 1)).await?;
    ensure!(
        matches!(fate, WriteFate::InboxMoved(_)),
        "a park that missed the event answered {fate:?}"
    );
    Ok(())
}

async fn a_park_without_subscriptions_closes_them(bench: &Bench) -> Verdict {
    let run = listening(bench, None, None).await?;
    bench.cancel(run).await?;
    bench.claim(run, 1).await?;
    bench.park(&park(run, 2, 0, 1)).await?;
    ensure_eq!(
        bench.store.ingest(&event(bench, "1", "t", "s")).await?.matched,
        0,
        "after a park without"
    );
    ensure_eq!(bench.state(run).await?, RunState::Waiting, "state");
    Ok(())
}

async fn more_than_a_thousand_subscribers_are_continued(bench: &Bench) -> Verdict {
    let runs = bench.accept(1_150).await?;
    for some in runs.chunks(500) {
        let wanted: Vec<_> = some
            .iter()
            .map(|run| ClaimRequest {
                run: *run,
                epoch: 0,
                token: bench.token(),
            })
            .collect();
        ensure_eq!(
            bench.store.claim(bench.worker, &wanted).await?.len(),
            some.len(),
            "claims"
        );
        let mut parks: Vec<_> = some.iter().map(|run| park(*run, 1, 0, 0)).collect();
        for park in &mut parks {
            park.subscriptions = vec![subscription(Some("t"), None)];
        }
        let fates = bench.store.park(&parks).await?;
        ensure!(
            fates.iter().all(|fate| *fate == WriteFate::Committed),
            "a park was refused"
        );
    }
    let ingested = bench.store.ingest(&event(bench, "1", "t", "s")).await?;
    ensure_eq!(
        (ingested.matched, ingested.more, ingested.hints.len()),
        (1_000, true, 1_000),
        "first part"
    );
    let mut woken: Vec<_> = ingested.hints.into_iter().map(|(run, _)| run).collect();
    let term = bench.term().await?;
    woken.extend(
        bench
            .store
            .continue_events(term)
            .await?
            .into_iter()
            .map(|ready| ready.run),
    );
    woken.sort();
    ensure_eq!(woken, runs, "runs rung by both parts");
    ensure!(
        bench.store.continue_events(term).await?.is_empty(),
        "it went on for ever"
    );
    Ok(())
}
