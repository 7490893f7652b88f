//! Workflows started by their schedules while all else happens.

use std::time::Duration;

use anyhow::ensure;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{
    context::Context,
    documents::{FIRST, LAST, SCHEDULED, scheduled},
    shown, store,
};
use crate::history::Schedule;

/// Pause between two looks at the newest tick.
const LOOK: Duration = Duration::from_millis(250);

/// Stores them; they tick from now on.
pub(super) async fn begin(context: &Context) -> anyhow::Result<Vec<Schedule>> {
    let mut begun = Vec::new();
    for named in SCHEDULED {
        let stored = store(context, 0, &scheduled(&context.namespace, named, FIRST)).await?;
        let since = shown::time(&stored, "created_at");
        ensure!(since.is_some(), "a stored workflow has no created_at: {stored}");
        let (name, _, period, anchored) = named;
        begun.push(Schedule {
            workflow: name.to_owned(),
            period,
            anchored,
            since: since.unwrap_or_default(),
            until: i64::MAX,
        });
    }
    Ok(begun)
}

/// Waits until each has ticked beyond `now` on the store's clock, but no longer than `limit`; then takes the schedules away.
/// All due times up to `now` must have been started by then.
pub(super) async fn end(
    context: &Context,
    schedules: &mut [Schedule],
    now: i64,
    limit: Duration,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + limit;
    for (schedule, named) in schedules.iter_mut().zip(SCHEDULED) {
        while newest(context, &schedule.workflow)
            .await
            .is_none_or(|due| due <= now)
            && Instant::now() < deadline
        {
            sleep(LOOK).await;
        }
        schedule.until = now;
        store(context, 0, &scheduled(&context.namespace, named, LAST)).await?;
    }
    Ok(())
}

/// When the newest tick was due.
async fn newest(context: &Context, name: &str) -> Option<i64> {
    let path = format!("/api/v1/runs?limit=1&workflow={}", context.workflow(name));
    let page: Value = context.api.read(0, 0, &path, Duration::ZERO).await?;
    shown::time(page.get("runs")?.get(0)?, "run_at")
}
