//! The outbox: leased, a run's oldest only, with a growing backoff (P13).

use super::bench::{Bench, append, end};
use super::check::{Failure, Verdict, ensure, ensure_eq};
use crate::{End, NewOutbox, OutboxKind, OutboxRow, RunId, WriteFate};

super::checks![
    a_leased_row_is_not_leased_again_at_once,
    p13_only_a_runs_oldest_row_is_taken,
    a_lease_has_a_limit,
    an_undeleted_row_comes_again_with_its_tries_counted,
    rows_outlive_their_run,
    deleting_twice_is_fine,
];

fn message(body: &str) -> NewOutbox {
    NewOutbox {
        kind: OutboxKind::Event,
        target: None,
        body: body.as_bytes().to_vec(),
    }
}

async fn lease(bench: &Bench, run: RunId) -> Result<Vec<OutboxRow>, Failure> {
    let term = bench.term().await?;
    let leased = bench.store.lease_outbox(term, 1_000).await?;
    Ok(leased.into_iter().filter(|row| row.run == run).collect())
}

async fn sending(bench: &Bench, messages: &[&str]) -> Result<RunId, Failure> {
    let run = bench.running().await?;
    let mut append = append(run, 1, 0);
    append.outbox = messages.iter().map(|body| message(body)).collect();
    ensure_eq!(bench.append(&append).await?, WriteFate::Committed, "append");
    Ok(run)
}

async fn a_leased_row_is_not_leased_again_at_once(bench: &Bench) -> Verdict {
    let run = sending(bench, &["1"]).await?;
    ensure_eq!(lease(bench, run).await?.len(), 1, "rows leased first");
    ensure_eq!(lease(bench, run).await?.len(), 0, "rows leased again");
    Ok(())
}

async fn p13_only_a_runs_oldest_row_is_taken(bench: &Bench) -> Verdict {
    let run = sending(bench, &["1", "2"]).await?;
    let mut third = append(run, 1, 1);
    third.outbox = vec![message("3")];
    bench.append(&third).await?;
    for expected in ["1", "2", "3"] {
        let rows = lease(bench, run).await?;
        ensure_eq!(rows.len(), 1, "rows leased while {expected} is the oldest");
        ensure_eq!(rows[0].body, expected.as_bytes(), "the oldest");
        ensure!(
            lease(bench, run).await?.is_empty(),
            "a younger row was taken while {expected} is leased"
        );
        bench.store.delete_outbox(&[rows[0].id]).await?;
    }
    ensure!(lease(bench, run).await?.is_empty(), "more rows than were sent");
    Ok(())
}

async fn a_lease_has_a_limit(bench: &Bench) -> Verdict {
    for _ in 0..5 {
        sending(bench, &["1"]).await?;
    }
    let term = bench.term().await?;
    for expected in [2, 2, 1, 0] {
        ensure_eq!(
            bench.store.lease_outbox(term, 2).await?.len(),
            expected,
            "rows of one pass of 2"
        );
    }
    Ok(())
}

async fn an_undeleted_row_comes_again_with_its_tries_counted(bench: &Bench) -> Verdict {
    let run = sending(bench, &["1"]).await?;
    let first = lease(bench, run).await?;
    ensure_eq!(
        first.iter().map(|row| row.attempts).collect::<Vec<_>>(),
        [1],
        "tries at first"
    );
    let again = bench
        .eventually("an outbox row after its backoff", async || {
            let rows = lease(bench, run).await?;
            Ok((!rows.is_empty()).then_some(rows))
        })
        .await?;
    ensure_eq!(
        again.iter().map(|row| row.attempts).collect::<Vec<_>>(),
        [2],
        "tries then"
    );
    ensure_eq!(again[0].id, first[0].id, "row");
    Ok(())
}

async fn rows_outlive_their_run(bench: &Bench) -> Verdict {
    let run = sending(bench, &["1"]).await?;
    let callback = NewOutbox {
        kind: OutboxKind::Callback,
        target: Some("https://example.org/done".to_owned()),
        body: b"2".to_vec(),
    };
    let ending = End {
        outbox: vec![callback],
        ..end(run, 1, 1, 0)
    };
    ensure_eq!(bench.end(&ending).await?, WriteFate::Committed, "end");
    let first = lease(bench, run).await?;
    ensure_eq!(
        first.iter().map(|row| row.body.as_slice()).collect::<Vec<_>>(),
        [b"1"],
        "the oldest"
    );
    bench.store.delete_outbox(&[first[0].id]).await?;
    let second = lease(bench, run).await?;
    ensure_eq!(
        second.iter().map(|row| row.kind).collect::<Vec<_>>(),
        [OutboxKind::Callback],
        "the next"
    );
    Ok(())
}

async fn deleting_twice_is_fine(bench: &Bench) -> Verdict {
    let run = sending(bench, &["1"]).await?;
    let rows = lease(bench, run).await?;
    for _ in 0..2 {
        bench.store.delete_outbox(&[rows[0].id]).await?;
    }
    bench.store.delete_outbox(&[]).await?;
    ensure!(lease(bench, run).await?.is_empty(), "a deleted row came again");
    Ok(())
}
