//! Accepting runs: tokens (P2), keys, `run_at`, bytes.

use std::time::Duration;

use super::bench::{Bench, append, end};
use super::check::{Verdict, ensure, ensure_eq};
use crate::{IdempotencyClaim, IntakeFate, NewRun, RunState, WriteFate};

super::checks![
    an_accepted_run_is_pending_and_ready,
    a_key_with_the_same_request_names_the_first_run,
    a_key_with_another_request_conflicts,
    the_first_of_equal_keys_in_a_batch_wins,
    keys_of_two_tenants_do_not_meet,
    a_key_stands_after_its_run_ended,
    p2_a_repeated_token_answers_the_same,
    p2_a_repeated_token_after_the_end_runs_nothing_again,
    p2_an_interleaved_repeat_changes_nothing,
    a_batch_of_five_hundred_keeps_its_order,
    concurrent_posts_of_one_key_make_one_run,
    a_run_at_in_the_future_is_not_ready,
    a_run_at_in_the_past_is_ready,
    input_bytes_come_back_verbatim,
    an_empty_batch_is_fine,
];

const ACCEPTED: IntakeFate = IntakeFate::Accepted { ready: true };

fn keyed(bench: &Bench, key: &str, request: u8) -> NewRun {
    let keep = Duration::from_hours(1);
    let idempotency = Some(IdempotencyClaim {
        key: key.to_owned(),
        request_hash: [request; 32],
        keep,
    });
    NewRun {
        idempotency,
        ..bench.new_run()
    }
}

async fn an_accepted_run_is_pending_and_ready(bench: &Bench) -> Verdict {
    let run = bench.accept_one().await?;
    ensure_eq!(bench.state(run).await?, RunState::Pending, "state");
    ensure!(bench.is_ready(run, 0).await?, "the relay does not see the run");
    Ok(())
}

async fn a_key_with_the_same_request_names_the_first_run(bench: &Bench) -> Verdict {
    let (first, second) = (keyed(bench, "k", 1), keyed(bench, "k", 1));
    ensure_eq!(bench.intake_one(&first).await?, ACCEPTED, "first");
    ensure_eq!(
        bench.intake_one(&second).await?,
        IntakeFate::Existing { run: first.id },
        "second"
    );
    ensure!(
        bench.store.run(bench.tenant, second.id).await?.is_none(),
        "the second run was inserted"
    );
    Ok(())
}

async fn a_key_with_another_request_conflicts(bench: &Bench) -> Verdict {
    let (first, second) = (keyed(bench, "k", 1), keyed(bench, "k", 2));
    ensure_eq!(bench.intake_one(&first).await?, ACCEPTED, "first");
    ensure_eq!(
        bench.intake_one(&second).await?,
        IntakeFate::KeyConflict { run: first.id },
        "second"
    );
    ensure!(
        bench.store.run(bench.tenant, second.id).await?.is_none(),
        "the second run was inserted"
    );
    Ok(())
}

async fn the_first_of_equal_keys_in_a_batch_wins(bench: &Bench) -> Verdict {
    let runs = [
        keyed(bench, "k", 1),
        keyed(bench, "other", 1),
        keyed(bench, "k", 1),
        keyed(bench, "k", 2),
        bench.new_run(),
    ];
    let first = runs[0].id;
    let fates = bench.store.intake(bench.token(), &runs).await?;
    let expected = [
        ACCEPTED,
        ACCEPTED,
        IntakeFate::Existing { run: first },
        IntakeFate::KeyConflict { run: first },
        ACCEPTED,
    ];
    ensure_eq!(fates, expected, "fates");
    for (run, fate) in runs.iter().zip(&fates) {
        let stored = bench.store.run(bench.tenant, run.id).await?.is_some();
        ensure_eq!(
            stored,
            *fate == ACCEPTED,
            "whether a run with fate {fate:?} is stored"
        );
    }
    Ok(())
}

async fn keys_of_two_tenants_do_not_meet(bench: &Bench) -> Verdict {
    let other = bench.neighbour().await?;
    let runs = [keyed(bench, "k", 1), keyed(&other, "k", 2)];
    let fates = bench.store.intake(bench.token(), &runs).await?;
    ensure_eq!(fates, [ACCEPTED, ACCEPTED], "fates of one key in two tenants");
    Ok(())
}

async fn a_key_stands_after_its_run_ended(bench: &Bench) -> Verdict {
    let first = keyed(bench, "k", 1);
    bench.intake_one(&first).await?;
    bench.claim(first.id, 0).await?;
    ensure_eq!(
        bench.end(&end(first.id, 1, 0, 0)).await?,
        WriteFate::Committed,
        "end"
    );
    let fate = bench.intake_one(&keyed(bench, "k", 1)).await?;
    ensure_eq!(
        fate,
        IntakeFate::Existing { run: first.id },
        "the key after the end"
    );
    Ok(())
}

async fn p2_a_repeated_token_answers_the_same(bench: &Bench) -> Verdict {
    let earlier = keyed(bench, "old", 1);
    bench.intake_one(&earlier).await?;
    let mut later = bench.new_run();
    later.run_at = Some(bench.store.now().await?.after(Duration::from_hours(1)));
    let runs = [
        bench.new_run(),
        keyed(bench, "k", 1),
        keyed(bench, "k", 1),
        keyed(bench, "k", 2),
        keyed(bench, "old", 1),
        keyed(bench, "old", 2),
        later,
    ];
    let token = bench.token();
    let first = bench.store.intake(token, &runs).await?;
    let again = bench.store.intake(token, &runs).await?;
    ensure_eq!(again, first, "fates of the repeat");
    ensure_eq!(
        first[4],
        IntakeFate::Existing { run: earlier.id },
        "a key of an earlier batch"
    );
    ensure_eq!(first[6], IntakeFate::Accepted { ready: false }, "a run for later");
    Ok(())
}

async fn p2_a_repeated_token_after_the_end_runs_nothing_again(bench: &Bench) -> Verdict {
    let run = bench.new_run();
    let token = bench.token();
    bench.store.intake(token, std::slice::from_ref(&run)).await?;
    bench.claim(run.id, 0).await?;
    ensure_eq!(
        bench.end(&end(run.id, 1, 0, 0)).await?,
        WriteFate::Committed,
        "end"
    );
    let fates = bench.store.intake(token, std::slice::from_ref(&run)).await?;
    ensure_eq!(fates, [ACCEPTED], "fate of the repeat");
    ensure_eq!(
        bench.state(run.id).await?,
        RunState::Completed,
        "state after the repeat"
    );
    ensure!(!bench.is_ready(run.id, 0).await?, "the repeat made the run again");
    Ok(())
}

async fn p2_an_interleaved_repeat_changes_nothing(bench: &Bench) -> Verdict {
    let run = bench.new_run();
    let token = bench.token();
    bench.store.intake(token, std::slice::from_ref(&run)).await?;
    bench.claim(run.id, 0).await?;
    bench.append(&append(run.id, 1, 0)).await?;
    bench.store.intake(token, std::slice::from_ref(&run)).await?;
    ensure_eq!(
        bench.state(run.id).await?,
        RunState::Running,
        "state after the repeat"
    );
    ensure_eq!(
        bench.append(&append(run.id, 1, 1)).await?,
        WriteFate::Committed,
        "the next append"
    );
    Ok(())
}

async fn a_batch_of_five_hundred_keeps_its_order(bench: &Bench) -> Verdict {
    let runs: Vec<_> = (0..500)
        .map(|n| match n % 3 {
            0 => keyed(bench, &format!("even {}", n / 6), 1),
            _ => bench.new_run(),
        })
        .collect();
    let fates = bench.store.intake(bench.token(), &runs).await?;
    ensure_eq!(fates.len(), 500, "fates");
    for (n, fate) in fates.iter().enumerate() {
        let repeats = n % 6 == 3;
        let expected = if repeats {
            IntakeFate::Existing { run: runs[n - 3].id }
        } else {
            ACCEPTED
        };
        ensure_eq!(*fate, expected, "fate {n}");
    }
    Ok(())
}

async fn concurrent_posts_of_one_key_make_one_run(bench: &Bench) -> Verdict {
    let runs: Vec<_> = (0..20).map(|_| keyed(bench, "k", 1)).collect();
    let posts = runs.iter().map(|run| bench.intake_one(run));
    let mut winners = Vec::new();
    let mut named = Vec::new();
    for (run, fate) in runs.iter().zip(futures::future::join_all(posts).await) {
        match fate? {
            IntakeFate::Accepted { .. } => winners.push(run.id),
            IntakeFate::Existing { run } | IntakeFate::KeyConflict { run } => named.push(run),
        }
    }
    ensure_eq!(winners.len(), 1, "winners");
    ensure!(
        named.iter().all(|run| *run == winners[0]),
        "a loser names another run than the winner"
    );
    Ok(())
}

async fn a_run_at_in_the_future_is_not_ready(bench: &Bench) -> Verdict {
    let due = bench.store.now().await?.after(Duration::from_hours(1));
    let run = NewRun {
        run_at: Some(due),
        ..bench.new_run()
    };
    ensure_eq!(
        bench.intake_one(&run).await?,
        IntakeFate::Accepted { ready: false },
        "fate"
    );
    ensure!(
        !bench.is_ready(run.id, 0).await?,
        "the relay sees it before its time"
    );
    let claimed = bench.try_claim(bench.worker, run.id, 0).await?;
    ensure!(claimed.is_none(), "a worker can claim it before its time");
    let view = bench.store.run(bench.tenant, run.id).await?;
    ensure_eq!(
        view.map(|view| (view.state, view.run_at)),
        Some((RunState::Pending, Some(due))),
        "the view"
    );
    Ok(())
}

async fn a_run_at_in_the_past_is_ready(bench: &Bench) -> Verdict {
    let run = NewRun {
        run_at: Some(bench.store.now().await?),
        ..bench.new_run()
    };
    ensure_eq!(bench.intake_one(&run).await?, ACCEPTED, "fate");
    let claimed = bench.claim(run.id, 0).await?;
    ensure!(
        claimed.inbox.is_empty(),
        "a run that is due at once has no start timer"
    );
    Ok(())
}

async fn input_bytes_come_back_verbatim(bench: &Bench) -> Verdict {
    let large = format!(r#"{{"b":"{}"}}"#, "é".repeat(100_000)).into_bytes();
    for input in [
        b"null".to_vec(),
        "{ \"ü\" :\t1.50,\"x\":\"\\u0041\" }".as_bytes().to_vec(),
        large,
    ] {
        let run = NewRun {
            input: input.clone(),
            ..bench.new_run()
        };
        bench.intake_one(&run).await?;
        let view = bench.store.run(bench.tenant, run.id).await?;
        ensure!(
            view.and_then(|view| view.input).as_deref() == Some(&input),
            "input differs in the view"
        );
        ensure!(
            bench.claim(run.id, 0).await?.input == input,
            "input differs in the claim"
        );
        bench.end(&end(run.id, 1, 0, 0)).await?;
        let view = bench.store.run(bench.tenant, run.id).await?;
        ensure!(
            view.and_then(|view| view.input).as_deref() == Some(&input),
            "input differs after the end"
        );
    }
    Ok(())
}

async fn an_empty_batch_is_fine(bench: &Bench) -> Verdict {
    ensure_eq!(bench.store.intake(bench.token(), &[]).await?, [], "fates");
    ensure_eq!(
        bench.store.deliver(bench.token(), &[]).await?,
        [],
        "fates of deliveries"
    );
    ensure_eq!(bench.store.append(&[]).await?, [], "fates of appends");
    ensure_eq!(bench.store.park(&[]).await?, [], "fates of parks");
    ensure_eq!(bench.store.end(&[]).await?, [], "fates of ends");
    ensure!(bench.store.claim(bench.worker, &[]).await?.is_empty(), "claims");
    Ok(())
}
