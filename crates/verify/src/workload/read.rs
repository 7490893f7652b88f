//! Reading back all that the API tells of our runs, when nothing happens any more.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, bail};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use tokio::time::sleep;

use super::{context::Context, documents::SCHEDULED, shown};
use crate::history::{History, Kind, Reading, Run, Start};

/// Requests under way at once.
const PARALLEL: usize = 16;

/// Tries of a request: the installation is whole again, but it may be busy.
const TRIES: usize = 20;

/// Journals that are read a second time.
const AGAIN: usize = 200;

/// Fills in runs and journals.
pub(super) async fn back(context: &Context, history: &mut History) -> anyhow::Result<()> {
    let mut runs = Vec::new();
    for (tenant, name, kind) in workflows(context) {
        runs.extend(
            listed(context, tenant, &name, kind)
                .await?
                .into_iter()
                .map(|run| (tenant, run)),
        );
    }
    let named: BTreeSet<&str> = history.starts.iter().flat_map(Start::runs).collect();
    // Runs of the burst and ticks tell nothing more; one that nobody was answered must say for whom it was started.
    let detailed = |run: &Run| match run.kind {
        Kind::Tick => false,
        Kind::Burst => !named.contains(run.id.as_str()),
        _ => true,
    };
    let read: Vec<(Run, Option<Vec<_>>)> = stream::iter(runs)
        .map(|(tenant, run)| async move {
            if detailed(&run) {
                details(context, tenant, run).await
            } else {
                anyhow::Ok((run, None))
            }
        })
        .buffered(PARALLEL)
        .try_collect()
        .await?;
    for (run, steps) in read {
        if let Some(steps) = steps {
            history.journals.insert(run.id.clone(), steps);
        }
        history.runs.push(run);
    }
    again(context, history).await
}

/// API key, name and kind of each of our workflows.
fn workflows(context: &Context) -> Vec<(usize, String, Kind)> {
    let mut all = Vec::new();
    for tenant in 0..context.api.tenants() {
        all.extend(Kind::LOAD.map(|kind| (tenant, kind.name().to_owned(), kind)));
    }
    all.push((0, Kind::Burst.name().to_owned(), Kind::Burst));
    all.extend(SCHEDULED.map(|(name, ..)| (0, name.to_owned(), Kind::Tick)));
    all
}

/// All pages of a listing.
async fn listed(context: &Context, tenant: usize, name: &str, kind: Kind) -> anyhow::Result<Vec<Run>> {
    let workflow = context.workflow(name);
    let mut runs = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = read(
            context,
            tenant,
            &format!("/api/v1/runs?limit=200&workflow={workflow}{cursor}"),
        )
        .await?;
        for shown in page["runs"].as_array().context("a page without runs")? {
            runs.push(
                shown::run(shown, kind).with_context(|| format!("a run is not as documented: {shown}"))?,
            );
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(runs),
        }
    }
}

/// The run with input and output, and its journal.
async fn details(
    context: &Context,
    tenant: usize,
    run: Run,
) -> anyhow::Result<(Run, Option<Vec<crate::history::Step>>)> {
    let shown = read(context, tenant, &format!("/api/v1/runs/{}", run.id)).await?;
    let run = shown::run(&shown, run.kind).with_context(|| format!("a run is not as documented: {shown}"))?;
    for turn in 0..TRIES {
        if let Some(steps) = shown::journal(&context.api, tenant, turn, &run.id).await {
            return Ok((run, Some(steps)));
        }
        sleep(Duration::from_millis(500)).await;
    }
    bail!("the journal of {} cannot be read", run.id)
}

/// Reads some journals once more: nothing may have changed.
async fn again(context: &Context, history: &mut History) -> anyhow::Result<()> {
    let tenants: Vec<(usize, String)> = history
        .starts
        .iter()
        .filter(|start| start.kind != Kind::Burst)
        .filter_map(|start| Some((start.tenant, start.run()?.to_owned())))
        .collect();
    let step = (tenants.len() / AGAIN).max(1);
    for (turn, (tenant, run)) in tenants.into_iter().step_by(step).enumerate() {
        if let Some(steps) = shown::journal(&context.api, tenant, turn, &run).await {
            let at = context.recorder.now();
            history.readings.push(Reading { run, at, steps });
        }
    }
    Ok(())
}

/// Reads, again while there is no answer.
async fn read(context: &Context, tenant: usize, path: &str) -> anyhow::Result<Value> {
    for turn in 0..TRIES {
        if let Some(body) = context.api.read(tenant, turn, path, Duration::ZERO).await {
            return Ok(body);
        }
        sleep(Duration::from_millis(500)).await;
    }
    bail!("{path} cannot be read, though nothing is harmed any more")
}

/// Whether runs of a workflow live; unknown counts as yes.
pub(super) async fn live(context: &Context) -> bool {
    for (tenant, name, _) in workflows(context) {
        let workflow = context.workflow(&name);
        let path =
            format!("/api/v1/runs?limit=1&state=pending,running,waiting,suspended&workflow={workflow}");
        let page = context.api.read(tenant, 0, &path, Duration::ZERO).await;
        let none = page.is_some_and(|page| page["runs"].as_array().is_some_and(Vec::is_empty));
        if !none {
            return true;
        }
    }
    false
}
