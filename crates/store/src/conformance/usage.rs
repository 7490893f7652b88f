//! What runs used: added with their end, once, by whoever wins the fence.

use levqor_entities::usage::{self, Column, Model};
use sea_orm::QueryOrder;

use super::bench::{Bench, end};
use super::check::{Verdict, ensure, ensure_eq};
use crate::{End, EndState, KeyId, NewRun, RunId, Usage, WorkflowId, WriteFate};

super::checks![
    an_end_adds_what_its_run_used_once,
    an_end_that_does_not_happen_adds_nothing,
    only_completed_runs_earn,
    a_batch_adds_one_row_for_each_tenant_version_and_key,
    the_key_of_a_run_comes_with_its_claim,
    the_fleets_figures_count_what_is_not_booked,
];

const USED: Usage = Usage {
    worker_us: 1_500,
    calls: 2,
    value: Some(7),
};

fn new_key(bench: &Bench) -> KeyId {
    KeyId(bench.ids.uuid())
}

/// A run with this key of this version, claimed.
async fn running(bench: &Bench, key: Option<KeyId>, workflow: WorkflowId) -> Result<RunId, super::Failure> {
    let run = NewRun {
        workflow,
        key,
        ..bench.new_run()
    };
    bench.intake_one(&run).await?;
    bench.claim(run.id, 0).await?;
    Ok(run.id)
}

fn used(run: RunId, state: EndState, usage: Usage) -> End {
    End {
        state,
        usage,
        ..end(run, 1, 0, 0)
    }
}

async fn rows(bench: &Bench) -> Result<Vec<Model>, super::Failure> {
    let db = bench.store.db();
    let found = usage::secure_find(bench.tenant)
        .order_by_asc(Column::Id)
        .all(db.reader())
        .await;
    Ok(found.map_err(|error| db.error(error))?)
}

/// Ends by state, time, calls, value, and runs that name none.
fn sums(row: &Model) -> ([i64; 3], [i64; 4]) {
    (
        [row.completed, row.faulted, row.cancelled],
        [row.worker_us, row.calls, row.earned, row.unvalued],
    )
}

async fn an_end_adds_what_its_run_used_once(bench: &Bench) -> Verdict {
    let key = Some(new_key(bench));
    let run = running(bench, key, bench.workflow).await?;
    let ending = used(run, EndState::Completed, USED);
    for attempt in ["first", "second", "third"] {
        ensure_eq!(bench.end(&ending).await?, WriteFate::Committed, "{attempt} try");
    }
    let found = rows(bench).await?;
    ensure_eq!(found.len(), 1, "rows");
    ensure_eq!(sums(&found[0]), ([1, 0, 0], [1_500, 2, 7, 0]), "sums");
    ensure_eq!(
        (found[0].workflow_id, found[0].key_id, found[0].mails),
        (Some(bench.workflow), key, 0),
        "whose it is"
    );
    Ok(())
}

async fn the_fleets_figures_count_what_is_not_booked(bench: &Bench) -> Verdict {
    let db = bench.store.db();
    let before = db.fleet().await?.usage;
    let run = running(bench, None, bench.workflow).await?;
    let ending = used(run, EndState::Completed, USED);
    ensure_eq!(bench.end(&ending).await?, WriteFate::Committed, "the end");
    let after = db.fleet().await?.usage;
    ensure_eq!(after.count, before.count + 1, "rows");
    let mine = rows(bench).await?.first().map(|row| row.at);
    ensure_eq!(after.oldest, before.oldest.or(mine), "when the oldest was used");
    Ok(())
}

async fn an_end_that_does_not_happen_adds_nothing(bench: &Bench) -> Verdict {
    let run = running(bench, None, bench.workflow).await?;
    let zombie = End {
        epoch: 2,
        ..used(run, EndState::Completed, USED)
    };
    ensure_eq!(bench.end(&zombie).await?, WriteFate::Fenced, "another epoch");
    bench.cancel(run).await?;
    let missed = bench.end(&used(run, EndState::Completed, USED)).await?;
    ensure!(
        matches!(missed, WriteFate::InboxMoved(_)),
        "an end that missed a delivery answered {missed:?}"
    );
    ensure_eq!(rows(bench).await?, [], "rows before the end");
    let ending = End {
        inbox: 1,
        ..used(run, EndState::Cancelled, USED)
    };
    ensure_eq!(bench.end(&ending).await?, WriteFate::Committed, "the end");
    let other = End {
        output: None,
        ..ending
    };
    ensure_eq!(bench.end(&other).await?, WriteFate::Fenced, "another end");
    ensure_eq!(rows(bench).await?.len(), 1, "rows");
    Ok(())
}

async fn only_completed_runs_earn(bench: &Bench) -> Verdict {
    let runs = bench.accept(4).await?;
    for run in &runs {
        bench.claim(*run, 0).await?;
    }
    let value = |value| Usage { value, ..USED };
    let ends = [
        used(runs[0], EndState::Completed, value(Some(3))),
        used(runs[1], EndState::Completed, value(None)),
        used(runs[2], EndState::Faulted, value(Some(5))),
        used(runs[3], EndState::Cancelled, value(None)),
    ];
    bench.store.end(&ends).await?;
    let found = rows(bench).await?;
    ensure_eq!(
        found.iter().map(sums).collect::<Vec<_>>(),
        [([2, 1, 1], [6_000, 8, 3, 1])],
        "sums"
    );
    Ok(())
}

async fn a_batch_adds_one_row_for_each_tenant_version_and_key(bench: &Bench) -> Verdict {
    let (neighbour, other) = (bench.neighbour().await?, WorkflowId(bench.ids.uuid()));
    bench.put("other", "1.0.0", other, None).await?;
    let key = Some(new_key(bench));
    let mut runs = Vec::new();
    for (key, workflow) in [
        (key, bench.workflow),
        (key, bench.workflow),
        (None, bench.workflow),
        (key, other),
    ] {
        runs.push(running(bench, key, workflow).await?);
    }
    runs.push(running(&neighbour, None, neighbour.workflow).await?);
    let ends: Vec<_> = runs
        .iter()
        .map(|run| used(*run, EndState::Completed, USED))
        .collect();
    bench.store.end(&ends).await?;
    let mut found: Vec<_> = rows(bench)
        .await?
        .into_iter()
        .map(|row| (row.workflow_id, row.key_id, row.completed))
        .collect();
    let mut expected = vec![
        (Some(bench.workflow), key, 2),
        (Some(bench.workflow), None, 1),
        (Some(other), key, 1),
    ];
    found.sort();
    expected.sort();
    ensure_eq!(found, expected, "rows of the tenant");
    ensure_eq!(rows(&neighbour).await?.len(), 1, "rows of its neighbour");
    Ok(())
}

async fn the_key_of_a_run_comes_with_its_claim(bench: &Bench) -> Verdict {
    let key = Some(new_key(bench));
    let run = NewRun {
        key,
        ..bench.new_run()
    };
    bench.intake_one(&run).await?;
    ensure_eq!(bench.claim(run.id, 0).await?.key, key, "key");
    let without = bench.accept_one().await?;
    ensure_eq!(bench.claim(without, 0).await?.key, None, "no key");
    Ok(())
}
