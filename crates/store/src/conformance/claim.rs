//! Taking runs: by id and epoch, once, whole (P6).

use levqor_trace::TraceContext;

use super::bench::{Bench, append, end, park};
use super::check::{Verdict, ensure, ensure_eq, some};
use crate::{ClaimRequest, End, InboxKind, NewOutbox, NewRun, OutboxKind, RunState, WriteFate};

super::checks![
    a_claim_returns_all_a_worker_needs,
    the_trace_of_a_run_comes_with_its_claim_and_its_messages,
    a_stale_epoch_wins_nothing,
    a_second_claimer_wins_nothing,
    the_same_token_wins_again,
    a_token_of_a_past_claim_wins_nothing,
    of_concurrent_claimers_one_wins,
    an_unknown_run_is_absent,
    a_mixed_batch_answers_only_what_was_won,
    p6_a_claim_carries_the_whole_journal_and_inbox,
    the_first_claim_sets_started_at,
];

async fn a_claim_returns_all_a_worker_needs(bench: &Bench) -> Verdict {
    let callback = Some("https://example.org/done".to_owned());
    let run = NewRun {
        callback_url: callback.clone(),
        priority: 2,
        ..bench.new_run()
    };
    bench.intake_one(&run).await?;
    let claimed = bench.claim(run.id, 0).await?;
    ensure_eq!(
        (claimed.id, claimed.tenant, claimed.workflow),
        (run.id, bench.tenant, bench.workflow),
        "ids"
    );
    ensure_eq!(
        (claimed.epoch, claimed.seq, claimed.deaths, claimed.priority),
        (1, 0, 0, 2),
        "counters"
    );
    ensure_eq!(claimed.callback_url, callback, "callback");
    ensure!(
        claimed.history.is_none() && claimed.journal.is_empty() && claimed.inbox.is_empty(),
        "a past"
    );
    ensure!(
        claimed.created_at <= claimed.now,
        "created at {:?}, claimed at {:?}",
        claimed.created_at,
        claimed.now
    );
    ensure_eq!(bench.state(run.id).await?, RunState::Running, "state");
    ensure!(
        !bench.is_ready(run.id, 1).await?,
        "the relay offers a running run"
    );
    Ok(())
}

async fn the_trace_of_a_run_comes_with_its_claim_and_its_messages(bench: &Bench) -> Verdict {
    let trace = TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let traced = NewRun {
        trace,
        ..bench.new_run()
    };
    let other = bench.new_run();
    bench
        .store
        .intake(bench.token(), &[traced.clone(), other.clone()])
        .await?;
    for (run, trace) in [(traced.id, trace), (other.id, None)] {
        ensure_eq!(bench.claim(run, 0).await?.trace, trace, "the claim's");
        let callback = NewOutbox {
            kind: OutboxKind::Callback,
            target: Some("https://example.org/done".to_owned()),
            body: b"1".to_vec(),
        };
        let ending = End {
            outbox: vec![callback],
            ..end(run, 1, 0, 0)
        };
        ensure_eq!(bench.end(&ending).await?, WriteFate::Committed, "end");
        let term = bench.term().await?;
        let sent = bench.store.lease_outbox(term, 1_000).await?;
        let sent: Vec<_> = sent
            .iter()
            .filter(|row| row.run == run)
            .map(|row| row.trace)
            .collect();
        ensure_eq!(sent, [trace], "the message's");
    }
    Ok(())
}

async fn a_stale_epoch_wins_nothing(bench: &Bench) -> Verdict {
    let run = bench.accept_one().await?;
    for epoch in [-1, 1, 7] {
        ensure!(
            bench.try_claim(bench.worker, run, epoch).await?.is_none(),
            "a claim at epoch {epoch} won"
        );
    }
    bench.claim(run, 0).await?;
    bench.store.release(&[(run, 1)]).await?;
    ensure!(
        bench.try_claim(bench.worker, run, 0).await?.is_none(),
        "an old hint won after a release"
    );
    ensure_eq!(bench.claim(run, 1).await?.epoch, 2, "epoch of the second claim");
    Ok(())
}

async fn a_second_claimer_wins_nothing(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    let other = bench.other_worker().await?;
    for epoch in [0, 1] {
        ensure!(
            bench.try_claim(other, run, epoch).await?.is_none(),
            "a running run was taken at epoch {epoch}"
        );
    }
    ensure_eq!(bench.store.owned(other).await?, [], "what the loser owns");
    Ok(())
}

async fn the_same_token_wins_again(bench: &Bench) -> Verdict {
    let run = bench.accept_one().await?;
    let wanted = [ClaimRequest {
        run,
        epoch: 0,
        token: bench.token(),
    }];
    for attempt in ["first", "repeated"] {
        let claimed = bench.store.claim(bench.worker, &wanted).await?;
        ensure_eq!(claimed.len(), 1, "runs of the {attempt} claim");
        ensure_eq!(claimed[0].epoch, 1, "epoch of the {attempt} claim");
    }
    bench.append(&append(run, 1, 0)).await?;
    let claimed = bench.store.claim(bench.worker, &wanted).await?;
    let claimed = some!(claimed.first(), "the claim repeated after an append");
    ensure_eq!(
        (claimed.seq, claimed.journal.len()),
        (1, 1),
        "journal of the repeat"
    );
    Ok(())
}

async fn a_token_of_a_past_claim_wins_nothing(bench: &Bench) -> Verdict {
    let run = bench.accept_one().await?;
    let wanted = [ClaimRequest {
        run,
        epoch: 0,
        token: bench.token(),
    }];
    bench.store.claim(bench.worker, &wanted).await?;
    bench.store.release(&[(run, 1)]).await?;
    ensure!(
        bench.store.claim(bench.worker, &wanted).await?.is_empty(),
        "the token won after a release"
    );
    let other = bench.other_worker().await?;
    ensure!(
        bench.try_claim(other, run, 1).await?.is_some(),
        "the next owner cannot claim"
    );
    ensure!(
        bench.store.claim(bench.worker, &wanted).await?.is_empty(),
        "the token won against a new owner"
    );
    Ok(())
}

async fn of_concurrent_claimers_one_wins(bench: &Bench) -> Verdict {
    let runs = bench.accept(20).await?;
    let mut workers = Vec::new();
    for _ in 0..6 {
        workers.push(bench.other_worker().await?);
    }
    let claims = workers.iter().map(|worker| {
        let wanted: Vec<_> = runs
            .iter()
            .map(|run| ClaimRequest {
                run: *run,
                epoch: 0,
                token: bench.token(),
            })
            .collect();
        async move { bench.store.claim(*worker, &wanted).await }
    });
    let mut won = Vec::new();
    for claimed in futures::future::join_all(claims).await {
        won.extend(claimed?.into_iter().map(|run| run.id));
    }
    won.sort();
    ensure_eq!(won, runs, "runs won by all claimers together");
    Ok(())
}

async fn an_unknown_run_is_absent(bench: &Bench) -> Verdict {
    let claimed = bench.try_claim(bench.worker, bench.run_id(), 0).await?;
    ensure!(claimed.is_none(), "a run that does not exist was claimed");
    Ok(())
}

async fn a_mixed_batch_answers_only_what_was_won(bench: &Bench) -> Verdict {
    let runs = bench.accept(4).await?;
    bench.claim(runs[1], 0).await?;
    let epochs = [0, 0, 3, 0];
    let wanted: Vec<_> = runs
        .iter()
        .zip(epochs)
        .map(|(run, epoch)| ClaimRequest {
            run: *run,
            epoch,
            token: bench.token(),
        })
        .collect();
    let claimed = bench.store.claim(bench.worker, &wanted).await?;
    let mut won: Vec<_> = claimed.iter().map(|run| run.id).collect();
    won.sort();
    ensure_eq!(won, [runs[0], runs[3]], "runs won");
    Ok(())
}

async fn p6_a_claim_carries_the_whole_journal_and_inbox(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    for seq in 0..3 {
        ensure_eq!(
            bench.append(&append(run, 1, seq)).await?,
            WriteFate::Committed,
            "append {seq}"
        );
    }
    ensure_eq!(
        bench.park(&park(run, 1, 3, 0)).await?,
        WriteFate::Committed,
        "park"
    );
    bench.cancel(run).await?;
    bench.cancel(run).await?;
    let claimed = bench.claim(run, 1).await?;
    ensure_eq!((claimed.epoch, claimed.seq), (2, 3), "counters");
    let expected: Vec<_> = (0..3).map(|seq| append(run, 1, seq).body).collect();
    ensure_eq!(claimed.journal, expected, "journal");
    let numbers: Vec<_> = claimed.inbox.iter().map(|row| row.n).collect();
    ensure_eq!(numbers, [1, 2], "inbox numbers");
    ensure!(
        claimed.inbox.iter().all(|row| row.kind == InboxKind::Cancel),
        "inbox kinds"
    );
    ensure!(
        claimed.inbox.iter().all(|row| row.body == br#"{"who":"a"}"#),
        "inbox bodies"
    );
    Ok(())
}

async fn the_first_claim_sets_started_at(bench: &Bench) -> Verdict {
    let run = bench.accept_one().await?;
    let view = some!(bench.store.run(bench.tenant, run).await?, "the run");
    ensure_eq!(view.started_at, None, "started_at before the first claim");
    let claimed = bench.claim(run, 0).await?;
    bench.store.release(&[(run, 1)]).await?;
    bench.claim(run, 1).await?;
    let view = some!(bench.store.run(bench.tenant, run).await?, "the run");
    ensure_eq!(
        view.started_at,
        Some(claimed.now),
        "started_at after the second claim"
    );
    ensure_eq!(view.epoch, 2, "epoch");
    Ok(())
}
