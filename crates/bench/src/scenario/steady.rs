//! Batches without a pause for ten minutes: how many runs end in each window of ten seconds.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use futures::future::try_join_all;
use tokio::time::Instant;

use crate::{
    context::Context,
    load::{self, BATCH},
    record::{Record, Series},
    target::Target,
};

const LASTING: Duration = Duration::from_mins(10);

/// Windows of a full run are ten seconds.
const WINDOWS: u32 = 60;

/// Requests under way at once.
const CLIENTS: usize = 4;

/// Runs that may wait or be held: enough that nobody is idle, and few enough that the backlog is not what is measured.
const OPEN: u64 = 20_000;

/// How often ends are counted.
const LOOK: Duration = Duration::from_millis(250);

/// What the clients have to know.
#[derive(Default)]
struct Progress {
    posted: AtomicU64,
    ended: AtomicU64,
    over: AtomicBool,
}

pub(super) async fn measure(context: &Context<'_>, record: &mut Record) -> anyhow::Result<()> {
    let target = context.target().await?;
    let window = context.arguments.lasting(LASTING) / WINDOWS;
    context.say(&format!("steady: {WINDOWS} windows of {window:?}"));
    load::batches(&target, "noop", 10 * BATCH).await?;
    let progress = Progress::default();
    let clients = (0..CLIENTS).map(|_| client(&target, &progress));
    let (points, _) = tokio::try_join!(watch(&target, &progress, window), try_join_all(clients))?;
    let mut rates: Vec<f64> = points.iter().map(|(_, rate)| *rate).collect();
    rates.sort_by(f64::total_cmp);
    record.push("steady_per_s", crate::record::quantile(&rates, 0.5));
    record.push("steady_least_per_s", rates.first().copied().unwrap_or(f64::NAN));
    record.series.push(Series {
        name: "steady: runs ended a second",
        unit: "/s",
        points,
    });
    Ok(())
}

async fn client(target: &Target, progress: &Progress) -> anyhow::Result<()> {
    let mut connection = target.open().await?;
    let body = load::batch("noop");
    while !progress.over.load(Ordering::Relaxed) {
        let open = progress.posted.load(Ordering::Relaxed);
        if open.saturating_sub(progress.ended.load(Ordering::Relaxed)) > OPEN {
            tokio::time::sleep(Duration::from_millis(2)).await;
            continue;
        }
        connection.post("/api/v1/intake/batch", body.as_bytes()).await?;
        progress.posted.fetch_add(BATCH as u64, Ordering::Relaxed);
    }
    Ok(())
}

/// The rate of each window, with its end in seconds.
async fn watch(target: &Target, progress: &Progress, window: Duration) -> anyhow::Result<Vec<(f64, f64)>> {
    let (begin, before) = (Instant::now(), target.ended().await?);
    let (mut points, mut last, mut last_at) = (Vec::new(), 0, begin);
    while points.len() < WINDOWS as usize {
        tokio::time::sleep(LOOK.min(window)).await;
        let ended = target.ended().await?.saturating_sub(before);
        progress.ended.store(ended, Ordering::Relaxed);
        if last_at.elapsed() >= window {
            let rate = (ended - last) as f64 / last_at.elapsed().as_secs_f64();
            points.push((begin.elapsed().as_secs_f64(), rate));
            (last, last_at) = (ended, Instant::now());
        }
    }
    progress.over.store(true, Ordering::Relaxed);
    Ok(points)
}
