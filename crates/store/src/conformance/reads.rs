//! What people read: one statement over live and ended (P11), one tenant at a time.

use std::{sync::Arc, time::Duration};

use super::bench::{Bench, append, end};
use super::check::{Failure, Verdict, ensure, ensure_eq, some};
use crate::{End, EndState, NewRun, RunFilter, RunId, RunState, Timestamp, WorkflowId, WriteFate};

super::checks![
    reads_do_not_cross_tenants,
    an_unknown_run_is_none,
    a_view_names_its_workflow,
    runs_are_listed_newest_first,
    states_filter,
    names_and_versions_filter,
    times_filter,
    p11_paging_neither_skips_nor_repeats_while_runs_end,
    p11_a_run_is_found_while_it_ends,
    a_listing_carries_no_payloads,
    a_live_journal_is_one_array,
    the_fleets_figures_count_what_waits_and_since_when,
    tallies_count_the_runs_of_a_tenant_and_of_all,
    the_clock_does_not_run_backwards,
];

async fn listed(bench: &Bench, filter: &RunFilter) -> Result<Vec<RunId>, Failure> {
    let runs = bench.store.runs(bench.tenant, filter, 100).await?;
    Ok(runs.iter().map(|run| run.id).collect())
}

async fn ended(bench: &Bench, state: EndState) -> Result<RunId, Failure> {
    let run = bench.running().await?;
    let fate = bench
        .end(&End {
            state,
            ..end(run, 1, 0, 0)
        })
        .await?;
    ensure_eq!(fate, WriteFate::Committed, "end");
    Ok(run)
}

async fn tallies_count_the_runs_of_a_tenant_and_of_all(bench: &Bench) -> Verdict {
    let stranger = bench.neighbour().await?;
    bench.running().await?;
    ended(bench, EndState::Completed).await?;
    ended(bench, EndState::Completed).await?;
    ended(bench, EndState::Faulted).await?;
    ended(&stranger, EndState::Completed).await?;
    let now = bench.store.now().await?;
    let (from, to) = (Timestamp(now.0 - 3_600_000_000), Timestamp(now.0 + 3_600_000_000));
    let db = bench.store.db();
    let count = |tallies: &[crate::Tally], state| -> i64 {
        tallies
            .iter()
            .filter(|tally| tally.state == state)
            .map(|tally| tally.runs)
            .sum()
    };
    let own = db.tallies(Some(bench.tenant), from, to).await?;
    let counted = [RunState::Running, RunState::Completed, RunState::Faulted].map(|state| count(&own, state));
    ensure_eq!(counted, [1, 2, 1], "the tenant's own runs");
    ensure!(
        own.iter()
            .all(|tally| tally.day == now.0 / 86_400_000_000 || tally.day == from.0 / 86_400_000_000),
        "{own:?}"
    );
    let all = db.tallies(None, from, to).await?;
    ensure!(
        count(&all, RunState::Completed) > 2,
        "runs of all tenants: {all:?}"
    );
    ensure_eq!(
        db.tallies(Some(bench.tenant), to, Timestamp(to.0 + 1)).await?,
        [],
        "later runs"
    );
    Ok(())
}

async fn reads_do_not_cross_tenants(bench: &Bench) -> Verdict {
    let stranger = bench.neighbour().await?;
    for run in [bench.running().await?, ended(bench, EndState::Completed).await?] {
        ensure!(
            bench.store.run(bench.tenant, run).await?.is_some(),
            "the owner cannot read"
        );
        ensure!(
            stranger.store.run(stranger.tenant, run).await?.is_none(),
            "a stranger reads the run"
        );
        ensure!(
            stranger.store.journal(stranger.tenant, run).await?.is_none(),
            "a stranger reads the journal"
        );
    }
    ensure_eq!(
        listed(&stranger, &RunFilter::default()).await?,
        [],
        "what a stranger lists"
    );
    let filter = RunFilter {
        workflow: Some(("suite".to_owned(), "work".to_owned())),
        ..RunFilter::default()
    };
    ensure_eq!(
        listed(&stranger, &filter).await?,
        [],
        "what a stranger lists by name"
    );
    Ok(())
}

async fn an_unknown_run_is_none(bench: &Bench) -> Verdict {
    ensure!(
        bench.store.run(bench.tenant, bench.run_id()).await?.is_none(),
        "a run that does not exist"
    );
    ensure!(
        bench.store.journal(bench.tenant, bench.run_id()).await?.is_none(),
        "a journal of no run"
    );
    ensure_eq!(bench.store.ended_among(&[]).await?, [], "ended among none");
    Ok(())
}

async fn a_view_names_its_workflow(bench: &Bench) -> Verdict {
    for run in [bench.running().await?, ended(bench, EndState::Faulted).await?] {
        let view = some!(bench.store.run(bench.tenant, run).await?, "the run");
        let name = (view.namespace.as_str(), view.name.as_str(), view.version.as_str());
        ensure_eq!(name, ("suite", "work", "1.0.0"), "name");
        ensure_eq!(
            (view.id, view.workflow, view.epoch),
            (run, bench.workflow, 1),
            "ids and epoch"
        );
    }
    Ok(())
}

async fn runs_are_listed_newest_first(bench: &Bench) -> Verdict {
    let mut runs = bench.accept(3).await?;
    runs.push(ended(bench, EndState::Completed).await?);
    runs.push(bench.accept_one().await?);
    runs.reverse();
    ensure_eq!(listed(bench, &RunFilter::default()).await?, runs, "all");
    let two = bench.store.runs(bench.tenant, &RunFilter::default(), 2).await?;
    ensure_eq!(
        two.iter().map(|run| run.id).collect::<Vec<_>>(),
        runs[..2],
        "the first two"
    );
    let filter = RunFilter {
        before: Some(runs[1]),
        ..RunFilter::default()
    };
    ensure_eq!(listed(bench, &filter).await?, runs[2..], "those before a cursor");
    Ok(())
}

async fn states_filter(bench: &Bench) -> Verdict {
    let all = [
        (RunState::Pending, bench.accept_one().await?),
        (RunState::Running, bench.running().await?),
        (RunState::Waiting, bench.waiting(|_| ()).await?),
        (RunState::Completed, ended(bench, EndState::Completed).await?),
        (RunState::Faulted, ended(bench, EndState::Faulted).await?),
        (RunState::Cancelled, ended(bench, EndState::Cancelled).await?),
    ];
    for (state, run) in all {
        let filter = RunFilter {
            states: vec![state],
            ..RunFilter::default()
        };
        ensure_eq!(
            listed(bench, &filter).await?,
            [run],
            "runs that are {}",
            state.as_str()
        );
    }
    let filter = RunFilter {
        states: vec![RunState::Faulted, RunState::Pending],
        ..RunFilter::default()
    };
    ensure_eq!(listed(bench, &filter).await?, [all[4].1, all[0].1], "two states");
    let filter = RunFilter {
        states: vec![RunState::Suspended],
        ..RunFilter::default()
    };
    ensure_eq!(listed(bench, &filter).await?, [], "a state nobody is in");
    Ok(())
}

async fn names_and_versions_filter(bench: &Bench) -> Verdict {
    let (second, other) = (WorkflowId(bench.token()), WorkflowId(bench.token()));
    bench.put("work", "2.0.0", second, None).await?;
    bench.put("other", "1.0.0", other, None).await?;
    let mut runs = Vec::new();
    for workflow in [bench.workflow, second, other] {
        let run = NewRun {
            workflow,
            ..bench.new_run()
        };
        bench.intake_one(&run).await?;
        runs.push(run.id);
    }
    let named = |name: &str, version: Option<&str>| RunFilter {
        workflow: Some(("suite".to_owned(), name.to_owned())),
        version: version.map(str::to_owned),
        ..RunFilter::default()
    };
    ensure_eq!(
        listed(bench, &named("work", None)).await?,
        [runs[1], runs[0]],
        "any version"
    );
    ensure_eq!(
        listed(bench, &named("work", Some("1.0.0"))).await?,
        [runs[0]],
        "one version"
    );
    ensure_eq!(
        listed(bench, &named("other", None)).await?,
        [runs[2]],
        "another name"
    );
    ensure_eq!(
        listed(bench, &named("nothing", None)).await?,
        [],
        "an unknown name"
    );
    Ok(())
}

async fn times_filter(bench: &Bench) -> Verdict {
    let old = bench.accept_one().await?;
    let view = some!(bench.store.run(bench.tenant, old).await?, "the run");
    bench
        .eventually("a later moment", async || {
            Ok((bench.store.now().await? > view.created_at.after(Duration::from_millis(2))).then_some(()))
        })
        .await?;
    let middle = bench.store.now().await?;
    let new = ended(bench, EndState::Completed).await?;
    let from = RunFilter {
        created_from: Some(middle),
        ..RunFilter::default()
    };
    ensure_eq!(listed(bench, &from).await?, [new], "accepted from a moment on");
    let to = RunFilter {
        created_to: Some(middle),
        ..RunFilter::default()
    };
    ensure_eq!(listed(bench, &to).await?, [old], "accepted before a moment");
    let at = RunFilter {
        created_from: Some(view.created_at),
        ..RunFilter::default()
    };
    ensure_eq!(listed(bench, &at).await?, [new, old], "from the very moment on");
    let before = RunFilter {
        created_to: Some(view.created_at),
        ..RunFilter::default()
    };
    ensure_eq!(listed(bench, &before).await?, [], "before the very moment");
    let none = RunFilter {
        created_from: Some(Timestamp(middle.0 + 3_600_000_000)),
        ..RunFilter::default()
    };
    ensure_eq!(listed(bench, &none).await?, [], "an hour from now");
    Ok(())
}

async fn p11_paging_neither_skips_nor_repeats_while_runs_end(bench: &Bench) -> Verdict {
    let runs = bench.accept(30).await?;
    for run in &runs {
        bench.claim(*run, 0).await?;
    }
    let (mut seen, mut filter) = (Vec::new(), RunFilter::default());
    for page in 0.. {
        let some = bench.store.runs(bench.tenant, &filter, 7).await?;
        let Some(last) = some.last() else { break };
        filter.before = Some(last.id);
        seen.extend(some.iter().map(|run| run.id));
        let moving: Vec<_> = runs
            .iter()
            .skip(page)
            .step_by(4)
            .map(|run| end(*run, 1, 0, 0))
            .collect();
        bench.store.end(&moving).await?;
    }
    ensure_eq!(
        seen,
        runs.iter().rev().copied().collect::<Vec<_>>(),
        "runs over all pages"
    );
    Ok(())
}

async fn p11_a_run_is_found_while_it_ends(bench: &Bench) -> Verdict {
    for _ in 0..20 {
        let run = bench.running().await?;
        let ending = end(run, 1, 0, 0);
        let reads = futures::future::join_all((0..4).map(|_| bench.store.run(bench.tenant, run)));
        let (fate, views) = futures::future::join(bench.end(&ending), reads).await;
        ensure_eq!(fate?, WriteFate::Committed, "end");
        for view in views {
            ensure!(view?.is_some(), "a run was not found while it ended");
        }
    }
    Ok(())
}

async fn a_listing_carries_no_payloads(bench: &Bench) -> Verdict {
    bench.running().await?;
    ended(bench, EndState::Completed).await?;
    for view in bench.store.runs(bench.tenant, &RunFilter::default(), 10).await? {
        ensure!(
            view.input.is_none() && view.output.is_none(),
            "a listing carries payloads"
        );
    }
    Ok(())
}

async fn a_live_journal_is_one_array(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    ensure_eq!(
        bench.store.journal(bench.tenant, run).await?,
        Some(b"[]".to_vec()),
        "an empty journal"
    );
    for (seq, body) in ["[1]", "[]", "[ 2, [3] ]"].into_iter().enumerate() {
        let mut append = append(run, 1, i32::try_from(seq).unwrap_or(0));
        append.body = body.as_bytes().to_vec();
        ensure_eq!(
            bench.append(&append).await?,
            WriteFate::Committed,
            "append {body}"
        );
    }
    let journal = some!(bench.store.journal(bench.tenant, run).await?, "the journal");
    let entries: serde_json::Value = serde_json::from_slice(&journal)
        .map_err(|error| Failure(format!("the journal is not JSON: {error}")))?;
    ensure_eq!(entries, serde_json::json!([1, 2, [3]]), "entries");
    Ok(())
}

async fn the_fleets_figures_count_what_waits_and_since_when(bench: &Bench) -> Verdict {
    let db = bench.store.db();
    let before = db.fleet().await?;
    let name = format!("suite/fleet-{}", bench.tenant);
    let id = WorkflowId(bench.ids.uuid());
    bench
        .put(&format!("fleet-{}", bench.tenant), "1.0.0", id, None)
        .await?;
    let mine = Bench {
        workflow: id,
        store: Arc::clone(&bench.store),
        ids: Arc::clone(&bench.ids),
        ..*bench
    };
    mine.accept(3).await?;
    mine.running().await?;
    mine.waiting(|_| ()).await?;
    let after = db.fleet().await?;
    let count = |state| {
        let runs = after
            .runs
            .iter()
            .filter(|runs| runs.workflow == name && runs.state == state);
        runs.map(|runs| runs.count).sum::<i64>()
    };
    let counted = [RunState::Pending, RunState::Running, RunState::Waiting].map(count);
    ensure_eq!(counted, [3, 1, 1], "live runs of the workflow by state");
    ensure_eq!(
        after.backlog.count,
        before.backlog.count + 3,
        "runs that a worker may claim"
    );
    let since = some!(after.backlog.oldest, "when the oldest of them was accepted");
    ensure!(
        since <= bench.store.now().await?,
        "it is not in the future: {since:?}"
    );
    Ok(())
}

async fn the_clock_does_not_run_backwards(bench: &Bench) -> Verdict {
    bench.store.ping().await?;
    let mut last = bench.store.now().await?;
    for _ in 0..20 {
        let now = bench.store.now().await?;
        ensure!(now >= last, "{now:?} follows {last:?}");
        last = now;
    }
    Ok(())
}
