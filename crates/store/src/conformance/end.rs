//! Ending: once, fenced, compared with the inbox (P8), and all that belonged to the run goes.

use super::bench::{Bench, append, end, park};
use super::check::{Verdict, ensure, ensure_eq, some};
use crate::{
    End, EndState, NewEvent, NewOutbox, NewSubscription, NewTimer, OutboxKind, Park, RunState, WriteFate,
};

super::checks![
    each_end_state_is_kept_with_its_bytes,
    an_ended_run_is_not_live,
    p8_an_end_that_missed_a_delivery_is_refused,
    an_equal_repeat_is_committed_once,
    a_different_repeat_is_fenced,
    late_writes_are_fenced,
    wrong_epochs_and_numbers_are_fenced,
    a_waiting_run_cannot_end,
    the_packed_journal_replaces_the_rows,
    timers_and_subscriptions_go,
    a_mixed_batch_answers_in_order,
    a_batch_of_five_hundred_ends,
    ended_among_names_the_ended,
];

const COMMITTED: WriteFate = WriteFate::Committed;

async fn each_end_state_is_kept_with_its_bytes(bench: &Bench) -> Verdict {
    let output = Some(br#"{ "o":1 }"#.to_vec());
    let error = Some(br#"{"status":500}"#.to_vec());
    let ends = [
        (EndState::Completed, output, None),
        (EndState::Faulted, None, error.clone()),
        (EndState::Cancelled, None, error),
    ];
    for (state, output, error) in ends {
        let run = bench.running().await?;
        let ending = End {
            state,
            output: output.clone(),
            error: error.clone(),
            ..end(run, 1, 0, 0)
        };
        ensure_eq!(bench.end(&ending).await?, COMMITTED, "end {state:?}");
        let view = some!(bench.store.run(bench.tenant, run).await?, "the run");
        ensure_eq!(
            (view.state, view.output, view.error),
            (state.into(), output, error),
            "view"
        );
        ensure_eq!(
            (view.epoch, view.priority, view.workflow),
            (1, 1, bench.workflow),
            "columns"
        );
        let (started, ended) = (
            some!(view.started_at, "started_at"),
            some!(view.ended_at, "ended_at"),
        );
        ensure!(
            view.created_at <= started && started <= ended,
            "times out of order"
        );
    }
    Ok(())
}

async fn an_ended_run_is_not_live(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    bench.cancel(run).await?;
    ensure_eq!(bench.end(&end(run, 1, 0, 1)).await?, COMMITTED, "end");
    for epoch in [0, 1] {
        ensure!(
            bench.try_claim(bench.worker, run, epoch).await?.is_none(),
            "an ended run was claimed"
        );
        ensure!(
            !bench.is_ready(run, epoch).await?,
            "the relay offers an ended run"
        );
    }
    ensure_eq!(bench.store.owned(bench.worker).await?, [], "what the worker owns");
    ensure_eq!(bench.store.inbox_counts(&[(run, 1)]).await?, [], "inbox counter");
    ensure_eq!(bench.store.inbox_after(run, 0).await?, [], "inbox rows");
    Ok(())
}

async fn p8_an_end_that_missed_a_delivery_is_refused(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    bench.cancel(run).await?;
    let fate = bench.end(&end(run, 1, 0, 0)).await?;
    let WriteFate::InboxMoved(rows) = fate else {
        return Err(super::Failure(format!(
            "an end that missed a delivery answered {fate:?}"
        )));
    };
    ensure_eq!(
        rows.iter().map(|row| row.n).collect::<Vec<_>>(),
        [1],
        "newer rows"
    );
    ensure_eq!(
        bench.state(run).await?,
        RunState::Running,
        "state after the refusal"
    );
    ensure_eq!(
        bench.end(&end(run, 1, 0, 1)).await?,
        COMMITTED,
        "end after folding"
    );
    Ok(())
}

fn callback() -> Vec<NewOutbox> {
    let target = Some("https://example.org/done".to_owned());
    vec![NewOutbox {
        kind: OutboxKind::Callback,
        target,
        body: br#"{"end":1}"#.to_vec(),
    }]
}

async fn an_equal_repeat_is_committed_once(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    let ending = End {
        outbox: callback(),
        ..end(run, 1, 0, 0)
    };
    for attempt in ["first", "second", "third"] {
        ensure_eq!(bench.end(&ending).await?, COMMITTED, "{attempt} try");
    }
    let term = bench.term().await?;
    let leased = bench.store.lease_outbox(term, 1_000).await?;
    let mine: Vec<_> = leased.iter().filter(|row| row.run == run).collect();
    ensure_eq!(mine.len(), 1, "callbacks");
    ensure_eq!(
        (mine[0].epoch, mine[0].target.as_deref()),
        (1, Some("https://example.org/done")),
        "callback"
    );
    bench.store.delete_outbox(&[mine[0].id]).await?;
    Ok(())
}

async fn a_different_repeat_is_fenced(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    bench.end(&end(run, 1, 0, 0)).await?;
    let other = End {
        state: EndState::Faulted,
        output: None,
        ..end(run, 1, 0, 0)
    };
    ensure_eq!(bench.end(&other).await?, WriteFate::Fenced, "another end");
    ensure_eq!(
        bench.end(&end(run, 2, 0, 0)).await?,
        WriteFate::Fenced,
        "another epoch"
    );
    ensure_eq!(bench.state(run).await?, RunState::Completed, "state");
    Ok(())
}

async fn late_writes_are_fenced(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    bench.append(&append(run, 1, 0)).await?;
    bench.end(&end(run, 1, 1, 0)).await?;
    ensure_eq!(
        bench.append(&append(run, 1, 1)).await?,
        WriteFate::Fenced,
        "append"
    );
    ensure_eq!(bench.park(&park(run, 1, 1, 0)).await?, WriteFate::Fenced, "park");
    ensure_eq!(bench.store.release(&[(run, 1)]).await?, [], "release");
    ensure_eq!(bench.state(run).await?, RunState::Completed, "state");
    Ok(())
}

async fn wrong_epochs_and_numbers_are_fenced(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    for (epoch, seq) in [(0, 0), (2, 0), (1, 1)] {
        let fate = bench.end(&end(run, epoch, seq, 0)).await?;
        ensure_eq!(fate, WriteFate::Fenced, "an end at epoch {epoch}, seq {seq}");
    }
    bench.cancel(run).await?;
    ensure_eq!(
        bench.end(&end(run, 2, 0, 0)).await?,
        WriteFate::Fenced,
        "a fence goes before the inbox"
    );
    ensure_eq!(
        bench.end(&end(bench.run_id(), 1, 0, 0)).await?,
        WriteFate::Fenced,
        "unknown run"
    );
    ensure_eq!(bench.state(run).await?, RunState::Running, "state");
    Ok(())
}

async fn a_waiting_run_cannot_end(bench: &Bench) -> Verdict {
    let run = bench.waiting(|_| ()).await?;
    ensure_eq!(bench.end(&end(run, 1, 0, 0)).await?, WriteFate::Fenced, "waiting");
    let run = bench.accept_one().await?;
    ensure_eq!(bench.end(&end(run, 0, 0, 0)).await?, WriteFate::Fenced, "pending");
    Ok(())
}

async fn the_packed_journal_replaces_the_rows(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    bench.append(&append(run, 1, 0)).await?;
    let packed = br#"[{"e":1,"s":0},{"end":1}]"#.to_vec();
    bench
        .end(&End {
            journal: packed.clone(),
            ..end(run, 1, 1, 0)
        })
        .await?;
    ensure_eq!(
        bench.store.journal(bench.tenant, run).await?,
        Some(packed),
        "journal"
    );
    Ok(())
}

async fn timers_and_subscriptions_go(bench: &Bench) -> Verdict {
    let due = bench.store.now().await?;
    let run = bench
        .waiting(|park: &mut Park| {
            park.timers = vec![NewTimer {
                due,
                body: b"1".to_vec(),
            }];
            park.subscriptions = vec![NewSubscription {
                event_type: None,
                source: None,
            }];
        })
        .await?;
    bench.cancel(run).await?;
    bench.claim(run, 1).await?;
    ensure_eq!(bench.end(&end(run, 2, 0, 1)).await?, COMMITTED, "end");
    let fired = bench.fire_all().await?;
    ensure!(
        fired.iter().all(|ready| ready.run != run),
        "a timer of an ended run fired"
    );
    let event = NewEvent {
        tenant: bench.tenant,
        source: "s".to_owned(),
        event_id: "1".to_owned(),
        event_type: "t".to_owned(),
        body: b"{}".to_vec(),
    };
    ensure_eq!(
        bench.store.ingest(&event).await?.matched,
        0,
        "subscriptions matched"
    );
    Ok(())
}

async fn a_mixed_batch_answers_in_order(bench: &Bench) -> Verdict {
    let runs = bench.accept(4).await?;
    for run in &runs {
        bench.claim(*run, 0).await?;
    }
    bench.end(&end(runs[0], 1, 0, 0)).await?;
    bench.cancel(runs[2]).await?;
    let mut ends: Vec<_> = runs.iter().map(|run| end(*run, 1, 0, 0)).collect();
    ends[1].epoch = 4;
    let fates = bench.store.end(&ends).await?;
    ensure_eq!(
        (&fates[0], &fates[1], &fates[3]),
        (&COMMITTED, &WriteFate::Fenced, &COMMITTED),
        "fates"
    );
    ensure!(
        matches!(fates[2], WriteFate::InboxMoved(_)),
        "the third answered {:?}",
        fates[2]
    );
    Ok(())
}

async fn a_batch_of_five_hundred_ends(bench: &Bench) -> Verdict {
    let runs = bench.accept(500).await?;
    let wanted: Vec<_> = runs
        .iter()
        .map(|run| crate::ClaimRequest {
            run: *run,
            epoch: 0,
            token: bench.token(),
        })
        .collect();
    ensure_eq!(
        bench.store.claim(bench.worker, &wanted).await?.len(),
        500,
        "claims"
    );
    let ends: Vec<_> = runs.iter().map(|run| end(*run, 1, 0, 0)).collect();
    ensure!(
        bench
            .store
            .end(&ends)
            .await?
            .iter()
            .all(|fate| *fate == COMMITTED),
        "an end was refused"
    );
    ensure_eq!(bench.store.ended_among(&runs).await?.len(), 500, "ended");
    Ok(())
}

async fn ended_among_names_the_ended(bench: &Bench) -> Verdict {
    let (live, ended) = (bench.running().await?, bench.running().await?);
    bench.end(&end(ended, 1, 0, 0)).await?;
    let found = bench.store.ended_among(&[live, ended, bench.run_id()]).await?;
    ensure_eq!(found, [ended], "ended runs");
    Ok(())
}
