//! Journaling: gap-free, fenced, repeatable (P3).

use super::bench::{Bench, append, end, park};
use super::check::{Verdict, ensure_eq, some};
use crate::{Append, NewOutbox, OutboxKind, RunId, WriteFate};

super::checks![
    appends_are_numbered_without_gaps,
    p3_an_equal_repeat_is_committed_once,
    p3_a_different_repeat_is_fenced,
    an_equal_repeat_of_an_older_row_is_committed,
    a_wrong_epoch_is_fenced,
    a_gap_is_fenced,
    a_run_that_does_not_run_is_fenced,
    a_zombie_is_fenced_after_a_new_claim,
    an_equal_repeat_after_a_new_claim_is_committed,
    p3_the_same_bytes_under_another_epoch_are_fenced,
    a_mixed_batch_answers_in_order,
    a_repeat_sends_its_messages_once,
];

const COMMITTED: WriteFate = WriteFate::Committed;

async fn journal(bench: &Bench, run: RunId) -> Result<String, super::Failure> {
    let journal = some!(
        bench.store.journal(bench.tenant, run).await?,
        "the journal of {run}"
    );
    Ok(String::from_utf8_lossy(&journal).into_owned())
}

async fn appends_are_numbered_without_gaps(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    for seq in 0..5 {
        ensure_eq!(
            bench.append(&append(run, 1, seq)).await?,
            COMMITTED,
            "append {seq}"
        );
    }
    let claimed = bench.store.release(&[(run, 1)]).await;
    ensure_eq!(claimed?, [(run, 1)], "release");
    let claimed = bench.claim(run, 1).await?;
    let expected: Vec<_> = (0..5).map(|seq| append(run, 1, seq).body).collect();
    ensure_eq!((claimed.seq, claimed.journal), (5, expected), "journal");
    Ok(())
}

async fn p3_an_equal_repeat_is_committed_once(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    for attempt in ["first", "second", "third"] {
        ensure_eq!(
            bench.append(&append(run, 1, 0)).await?,
            COMMITTED,
            "{attempt} try"
        );
    }
    ensure_eq!(journal(bench, run).await?, r#"[{"e":1,"s":0}]"#, "journal");
    Ok(())
}

async fn p3_a_different_repeat_is_fenced(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    bench.append(&append(run, 1, 0)).await?;
    let other = Append {
        body: br#"[{"other":1}]"#.to_vec(),
        ..append(run, 1, 0)
    };
    ensure_eq!(
        bench.append(&other).await?,
        WriteFate::Fenced,
        "other bytes at the same place"
    );
    ensure_eq!(journal(bench, run).await?, r#"[{"e":1,"s":0}]"#, "journal");
    Ok(())
}

async fn an_equal_repeat_of_an_older_row_is_committed(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    for seq in [0, 1, 2, 0, 1] {
        ensure_eq!(
            bench.append(&append(run, 1, seq)).await?,
            COMMITTED,
            "append {seq}"
        );
    }
    let expected = r#"[{"e":1,"s":0},{"e":1,"s":1},{"e":1,"s":2}]"#;
    ensure_eq!(journal(bench, run).await?, expected, "journal");
    Ok(())
}

async fn a_wrong_epoch_is_fenced(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    for epoch in [0, 2] {
        ensure_eq!(
            bench.append(&append(run, epoch, 0)).await?,
            WriteFate::Fenced,
            "epoch {epoch}"
        );
    }
    ensure_eq!(journal(bench, run).await?, "[]", "journal");
    Ok(())
}

async fn a_gap_is_fenced(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    ensure_eq!(
        bench.append(&append(run, 1, 1)).await?,
        WriteFate::Fenced,
        "an append past the end"
    );
    ensure_eq!(
        bench.append(&append(run, 1, 0)).await?,
        COMMITTED,
        "the right one"
    );
    Ok(())
}

async fn a_run_that_does_not_run_is_fenced(bench: &Bench) -> Verdict {
    let waiting = bench.waiting(|_| ()).await?;
    ensure_eq!(
        bench.append(&append(waiting, 1, 0)).await?,
        WriteFate::Fenced,
        "waiting"
    );
    let pending = bench.accept_one().await?;
    ensure_eq!(
        bench.append(&append(pending, 0, 0)).await?,
        WriteFate::Fenced,
        "pending"
    );
    let ended = bench.running().await?;
    bench.end(&end(ended, 1, 0, 0)).await?;
    ensure_eq!(
        bench.append(&append(ended, 1, 0)).await?,
        WriteFate::Fenced,
        "ended"
    );
    ensure_eq!(
        bench.append(&append(bench.run_id(), 1, 0)).await?,
        WriteFate::Fenced,
        "unknown"
    );
    Ok(())
}

async fn a_zombie_is_fenced_after_a_new_claim(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    bench.store.release(&[(run, 1)]).await?;
    bench.claim(run, 1).await?;
    ensure_eq!(
        bench.append(&append(run, 1, 0)).await?,
        WriteFate::Fenced,
        "the old owner's append"
    );
    ensure_eq!(
        bench.append(&append(run, 2, 0)).await?,
        COMMITTED,
        "the new owner's append"
    );
    ensure_eq!(journal(bench, run).await?, r#"[{"e":2,"s":0}]"#, "journal");
    Ok(())
}

async fn an_equal_repeat_after_a_new_claim_is_committed(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    bench.append(&append(run, 1, 0)).await?;
    bench.store.release(&[(run, 1)]).await?;
    bench.claim(run, 1).await?;
    ensure_eq!(
        bench.append(&append(run, 1, 0)).await?,
        COMMITTED,
        "the repeat of what was committed"
    );
    ensure_eq!(journal(bench, run).await?, r#"[{"e":1,"s":0}]"#, "journal");
    Ok(())
}

async fn p3_the_same_bytes_under_another_epoch_are_fenced(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    bench.store.release(&[(run, 1)]).await?;
    bench.claim(run, 1).await?;
    bench.append(&append(run, 2, 0)).await?;
    let zombie = Append {
        body: append(run, 2, 0).body,
        ..append(run, 1, 0)
    };
    ensure_eq!(
        bench.append(&zombie).await?,
        WriteFate::Fenced,
        "the old owner with the new owner's bytes"
    );
    Ok(())
}

async fn a_mixed_batch_answers_in_order(bench: &Bench) -> Verdict {
    let runs = bench.accept(4).await?;
    for run in &runs {
        bench.claim(*run, 0).await?;
    }
    bench.append(&append(runs[2], 1, 0)).await?;
    bench.park(&park(runs[3], 1, 0, 0)).await?;
    let appends = [
        append(runs[0], 1, 0),
        append(runs[1], 5, 0),
        append(runs[2], 1, 0),
        append(runs[3], 1, 0),
    ];
    let fates = bench.store.append(&appends).await?;
    ensure_eq!(
        fates,
        [COMMITTED, WriteFate::Fenced, COMMITTED, WriteFate::Fenced],
        "fates"
    );
    Ok(())
}

async fn a_repeat_sends_its_messages_once(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    let message = NewOutbox {
        kind: OutboxKind::Event,
        target: None,
        body: br#"{"type":"a"}"#.to_vec(),
    };
    let append = Append {
        outbox: vec![message.clone()],
        ..append(run, 1, 0)
    };
    for attempt in ["first", "second"] {
        ensure_eq!(bench.append(&append).await?, COMMITTED, "{attempt} try");
    }
    let term = bench.term().await?;
    let leased = bench.store.lease_outbox(term, 1_000).await?;
    let mine: Vec<_> = leased.iter().filter(|row| row.run == run).collect();
    ensure_eq!(mine.len(), 1, "messages");
    ensure_eq!(
        (mine[0].tenant, mine[0].epoch, mine[0].attempts),
        (bench.tenant, 1, 1),
        "its columns"
    );
    ensure_eq!(
        (mine[0].kind, &mine[0].body),
        (message.kind, &message.body),
        "its content"
    );
    bench.store.delete_outbox(&[mine[0].id]).await?;
    Ok(())
}
