//! The inbox: numbers without gaps (P4), tenants, tokens, wakes.

use std::time::Duration;

use super::bench::{Bench, end, park};
use super::check::{Verdict, ensure_eq};
use crate::{Delivery, DeliveryFate, InboxKind, InboxRow, NewRun, RunState, WriteFate};

super::checks![
    p4_several_deliveries_in_one_batch_are_numbered,
    p4_concurrent_deliveries_are_numbered_without_gaps,
    a_repeated_token_delivers_once,
    a_repeated_token_after_the_end_says_that_the_run_has_ended,
    a_delivery_does_not_cross_tenants,
    ended_and_unknown_runs_are_not_live,
    a_delivery_makes_a_run_at_run_ready,
    only_a_ready_pending_run_is_to_be_rung,
    inbox_counts_are_of_the_epochs_held,
    inbox_after_starts_after_n,
    bodies_come_back_verbatim,
];

const RUNNING: DeliveryFate = DeliveryFate::Delivered { hint: None };

fn numbered(rows: &[InboxRow]) -> Vec<(i32, String)> {
    rows.iter()
        .map(|row| (row.n, String::from_utf8_lossy(&row.body).into_owned()))
        .collect()
}

async fn p4_several_deliveries_in_one_batch_are_numbered(bench: &Bench) -> Verdict {
    let (one, two) = (bench.running().await?, bench.waiting(|_| ()).await?);
    let batch: Vec<_> = [
        (one, "1"),
        (two, "2"),
        (one, "3"),
        (bench.run_id(), "4"),
        (two, "5"),
        (one, "6"),
    ]
    .iter()
    .map(|(run, body)| bench.delivery(*run, body.as_bytes()))
    .collect();
    let fates = bench.store.deliver(bench.token(), &batch).await?;
    let woken = DeliveryFate::Delivered { hint: Some(1) };
    let expected = [
        RUNNING,
        woken.clone(),
        RUNNING,
        DeliveryFate::NotLive,
        woken,
        RUNNING,
    ];
    ensure_eq!(fates, expected, "fates");
    let rows = numbered(&bench.store.inbox_after(one, 0).await?);
    ensure_eq!(
        rows,
        [(1, "1".to_owned()), (2, "3".to_owned()), (3, "6".to_owned())],
        "rows of the first run"
    );
    let rows = numbered(&bench.store.inbox_after(two, 0).await?);
    ensure_eq!(
        rows,
        [(1, "2".to_owned()), (2, "5".to_owned())],
        "rows of the second run"
    );
    Ok(())
}

async fn p4_concurrent_deliveries_are_numbered_without_gaps(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    let calls = (0..20).map(|n| {
        let batch = vec![bench.delivery(run, n.to_string().as_bytes()); 3];
        async move { bench.store.deliver(bench.token(), &batch).await }
    });
    for fates in futures::future::join_all(calls).await {
        ensure_eq!(fates?, [RUNNING, RUNNING, RUNNING], "fates");
    }
    let numbers: Vec<_> = bench
        .store
        .inbox_after(run, 0)
        .await?
        .iter()
        .map(|row| row.n)
        .collect();
    ensure_eq!(numbers, (1..=60).collect::<Vec<_>>(), "numbers");
    ensure_eq!(bench.claimed_inbox(run).await?, 60, "inbox of the next claim");
    Ok(())
}

async fn a_repeated_token_delivers_once(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    let (token, batch) = (
        bench.token(),
        [bench.delivery(run, b"1"), bench.delivery(run, b"2")],
    );
    for attempt in ["first", "second"] {
        let fates = bench.store.deliver(token, &batch).await?;
        ensure_eq!(fates, [RUNNING, RUNNING], "fates of the {attempt} try");
    }
    ensure_eq!(bench.store.inbox_after(run, 0).await?.len(), 2, "rows");
    ensure_eq!(
        bench.store.inbox_counts(&[(run, 1)]).await?,
        [(run, 2)],
        "counter"
    );
    Ok(())
}

async fn a_repeated_token_after_the_end_says_that_the_run_has_ended(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    let (token, batch) = (bench.token(), [bench.delivery(run, b"1")]);
    ensure_eq!(bench.store.deliver(token, &batch).await?, [RUNNING], "fate");
    ensure_eq!(bench.end(&end(run, 1, 0, 1)).await?, WriteFate::Committed, "end");
    ensure_eq!(
        bench.store.deliver(token, &batch).await?,
        [DeliveryFate::NotLive],
        "fate of the repeat"
    );
    ensure_eq!(
        bench.store.deliver(bench.token(), &batch).await?,
        [DeliveryFate::NotLive],
        "a new token"
    );
    Ok(())
}

async fn a_delivery_does_not_cross_tenants(bench: &Bench) -> Verdict {
    let run = bench.waiting(|_| ()).await?;
    let stranger = bench.neighbour().await?;
    ensure_eq!(stranger.cancel(run).await?, DeliveryFate::NotLive, "fate");
    ensure_eq!(bench.state(run).await?, RunState::Waiting, "state");
    ensure_eq!(bench.store.inbox_after(run, 0).await?, [], "inbox");
    Ok(())
}

async fn ended_and_unknown_runs_are_not_live(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    bench.end(&end(run, 1, 0, 0)).await?;
    ensure_eq!(bench.cancel(run).await?, DeliveryFate::NotLive, "ended");
    ensure_eq!(
        bench.cancel(bench.run_id()).await?,
        DeliveryFate::NotLive,
        "unknown"
    );
    Ok(())
}

async fn a_delivery_makes_a_run_at_run_ready(bench: &Bench) -> Verdict {
    let run_at = Some(bench.store.now().await?.after(Duration::from_hours(1)));
    let run = NewRun {
        run_at,
        ..bench.new_run()
    };
    bench.intake_one(&run).await?;
    ensure_eq!(
        bench.cancel(run.id).await?,
        DeliveryFate::Delivered { hint: Some(0) },
        "fate"
    );
    let claimed = bench.claim(run.id, 0).await?;
    ensure_eq!(
        claimed.inbox.iter().map(|row| row.kind).collect::<Vec<_>>(),
        [InboxKind::Cancel],
        "inbox"
    );
    Ok(())
}

async fn only_a_ready_pending_run_is_to_be_rung(bench: &Bench) -> Verdict {
    let pending = bench.accept_one().await?;
    ensure_eq!(
        bench.cancel(pending).await?,
        DeliveryFate::Delivered { hint: Some(0) },
        "pending"
    );
    ensure_eq!(bench.state(pending).await?, RunState::Pending, "state");
    let running = bench.running().await?;
    ensure_eq!(bench.cancel(running).await?, RUNNING, "running");
    ensure_eq!(bench.state(running).await?, RunState::Running, "state");
    Ok(())
}

async fn inbox_counts_are_of_the_epochs_held(bench: &Bench) -> Verdict {
    let (held, lost, parked) = (
        bench.running().await?,
        bench.running().await?,
        bench.running().await?,
    );
    bench.cancel(held).await?;
    bench.park(&park(parked, 1, 0, 0)).await?;
    let mut counts = bench
        .store
        .inbox_counts(&[(held, 1), (lost, 7), (parked, 1), (bench.run_id(), 1)])
        .await?;
    counts.retain(|(run, _)| *run != parked);
    ensure_eq!(counts, [(held, 1)], "counts");
    Ok(())
}

async fn inbox_after_starts_after_n(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    for _ in 0..3 {
        bench.cancel(run).await?;
    }
    for n in 0..=3 {
        let rows: Vec<_> = bench
            .store
            .inbox_after(run, n)
            .await?
            .iter()
            .map(|row| row.n)
            .collect();
        ensure_eq!(rows, (n + 1..=3).collect::<Vec<_>>(), "rows after {n}");
    }
    Ok(())
}

async fn bodies_come_back_verbatim(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    let body = "{ \"ü\":\t1.0, \"q\":\"\\\"'\" }".as_bytes().to_vec();
    let kinds = [InboxKind::Cancel, InboxKind::Event, InboxKind::Timer];
    let batch: Vec<_> = kinds
        .iter()
        .map(|kind| Delivery {
            kind: *kind,
            ..bench.delivery(run, &body)
        })
        .collect();
    let before = bench.store.now().await?;
    bench.store.deliver(bench.token(), &batch).await?;
    let rows = bench.store.inbox_after(run, 0).await?;
    ensure_eq!(
        rows.iter().map(|row| row.kind).collect::<Vec<_>>(),
        kinds,
        "kinds"
    );
    for row in &rows {
        ensure_eq!(
            (&row.body, row.at >= before),
            (&body, true),
            "body and time of row {}",
            row.n
        );
    }
    ensure_eq!(
        bench.park(&park(run, 1, 0, 3)).await?,
        WriteFate::Committed,
        "park after folding all"
    );
    Ok(())
}
