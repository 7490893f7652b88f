//! What clients do, over the public API alone: anybody's program could.

mod api;
mod batch;
mod burst;
mod clients;
mod context;
mod conversation;
mod documents;
mod effects;
mod plan;
mod random;
mod read;
mod recorder;
mod schedules;
mod send;
mod shown;
#[cfg(test)]
mod tests;
mod watch;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    checkers,
    history::{Capacity, History, Schedule},
    stopwatch::Stopwatch,
};
use api::{Api, Reply, Sent};
use context::Context;
use effects::Effects;
use plan::Planner;
use recorder::Recorder;

/// Arrivals under way at once; while so many wait for answers no new ones are sent.
const MOST: usize = 512;

/// How long the installation may take until it serves the first request.
const START: Duration = Duration::from_mins(1);

/// What the load is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Decides everything clients choose.
    pub(crate) seed: u64,
    /// Runs asked for each second.
    pub(crate) rate: u32,
    /// Workers there are, which the bound of fairness depends on.
    pub(crate) capacity: Capacity,
    /// This machine's wall clock, in microseconds since 1970.
    pub(crate) wall: fn() -> i64,
    /// The clock of the history.
    pub(crate) clock: Stopwatch,
}

/// The clients, ready to begin.
pub(crate) struct Workload {
    context: Arc<Context>,
    load: Load,
    /// Kept: it closes on drop.
    _effects: Option<Effects>,
    /// Why runs call nothing outside.
    unreachable: Option<String>,
    schedules: Vec<Schedule>,
    clients: JoinSet<()>,
    next: u64,
}

impl Workload {
    /// Stores the documents under `namespace` and finds out whether runs can reach a server on `address`.
    pub(crate) async fn prepare(
        (urls, keys): (Vec<String>, Vec<String>),
        namespace: &str,
        address: SocketAddr,
        load: Load,
    ) -> anyhow::Result<Self> {
        let recorder = Arc::new(Recorder::new(load.clock));
        let mut context = Context {
            api: Api::new(urls, keys),
            recorder: Arc::clone(&recorder),
            namespace: namespace.to_owned(),
            effects: None,
            wall: load.wall,
            stop: CancellationToken::new(),
        };
        for tenant in 0..context.api.tenants() {
            for document in documents::plain(namespace) {
                store(&context, tenant, &document).await?;
            }
        }
        let effects = Effects::start(address, recorder).await?;
        let unreachable = probe(&context, &effects.calls()).await?;
        if unreachable.is_none() {
            context.effects = Some((effects.calls(), effects.notices()));
        }
        let schedules = schedules::begin(&context).await?;
        Ok(Self {
            context: Arc::new(context),
            load,
            _effects: Some(effects),
            unreachable,
            schedules,
            clients: JoinSet::new(),
            next: 0,
        })
    }

    /// Why runs call nothing outside, when they do not.
    pub(crate) fn unreachable(&self) -> Option<&str> {
        self.unreachable.as_deref()
    }

    /// Runs accepted so far, and requests without an answer yet.
    pub(crate) fn progress(&self) -> impl Fn() -> (usize, usize) + Send + use<> {
        let recorder = Arc::clone(&self.context.recorder);
        move || recorder.progress()
    }

    /// Sends arrivals at the rate, for this long; clients may still be busy afterwards.
    pub(crate) async fn run(&mut self, duration: Duration) {
        let context = Arc::clone(&self.context);
        let seed = self.load.seed;
        self.clients
            .spawn(async move { watch::sample(&context, seed).await });
        let mut planner = Planner::new(seed, self.context.api.tenants(), self.context.effects.is_some());
        let begin = Instant::now();
        let mut asked = 0_u64;
        while begin.elapsed() < duration {
            let arrival = planner.arrival();
            let runs = arrival.ops.len() as u64;
            self.next = arrival.ops.last().map_or(self.next, |op| op.number + 1);
            let context = Arc::clone(&self.context);
            self.clients
                .spawn(async move { clients::play(&context, &arrival).await });
            asked += runs;
            let due = Duration::from_micros(asked * 1_000_000 / u64::from(self.load.rate.max(1)));
            sleep_until(begin + due).await;
            self.make_room().await;
        }
    }

    /// During an outage clients wait; more of them would prove nothing more.
    async fn make_room(&mut self) {
        while self.clients.try_join_next().is_some() {}
        while self.clients.len() > MOST {
            self.clients.join_next().await;
        }
    }

    /// After the last fault: a burst, the end of the schedules, the end of every run and client, each within a limit, and
    /// then all that the API tells. What has not ended by then is for the checkers to find.
    pub(crate) async fn finish(
        mut self,
        limit: Duration,
        tell: &(dyn Fn(String) + Sync),
    ) -> anyhow::Result<History> {
        let deadline = Instant::now() + limit;
        let low = checkers::burst(self.load.capacity);
        tell(format!("a burst of {low} runs, when nothing is harmed"));
        let _sent = timeout(limit, burst::send(&self.context, self.next, low)).await;
        let now = self.now().await?;
        schedules::end(&self.context, &mut self.schedules, now, START).await?;
        tell("waiting until every run has ended".to_owned());
        let quiet = || async { read::live(&self.context).await };
        while quiet().await && Instant::now() < deadline {
            sleep(Duration::from_millis(500)).await;
        }
        while self.context.recorder.notices_missing() > 0 && Instant::now() < deadline {
            sleep(Duration::from_millis(500)).await;
        }
        // A client that still waits for an answer gets a last chance before it is stopped.
        sleep(Duration::from_secs(2)).await;
        self.context.stop.cancel();
        let joined = async { while self.clients.join_next().await.is_some() {} };
        let _stopped = timeout(START, joined).await;
        tell("reading back runs and journals".to_owned());
        let mut history = self.context.recorder.copy();
        (history.schedules, history.capacity) = (self.schedules, self.load.capacity);
        read::back(&self.context, &mut history).await?;
        Ok(history)
    }

    /// The store's time, by a document that is stored now.
    async fn now(&self) -> anyhow::Result<i64> {
        let stored = store(&self.context, 0, &documents::clock(&self.context.namespace)).await?;
        shown::time(&stored, "created_at").context("a stored workflow has no created_at")
    }
}

/// Stores a document, again while the API does not answer; the stored workflow as it is shown.
async fn store(context: &Context, tenant: usize, document: &Value) -> anyhow::Result<Value> {
    let deadline = Instant::now() + START;
    loop {
        let sent = Sent::json(document);
        match context
            .api
            .send(tenant, 0, "POST", "/api/v1/workflows", sent)
            .await
        {
            Reply::Answer {
                status: 200 | 201,
                body,
                ..
            } => return Ok(body),
            Reply::Answer { status, body, .. } if (400..500).contains(&status) && status != 429 => {
                bail!("a document is refused with {status}: {body}")
            }
            other if Instant::now() > deadline => bail!("a document cannot be stored: {other:?}"),
            _ => sleep(Duration::from_millis(200)).await,
        }
    }
}

/// Starts a run that calls `url`; why it did not, or None when the call came.
async fn probe(context: &Context, url: &str) -> anyhow::Result<Option<String>> {
    store(context, 0, &documents::probe(&context.namespace)).await?;
    let input = json!({"url": url, "fails": [0], "slow": [0]});
    let body = json!({"workflow": context.workflow("probe"), "payload": input});
    let sent = Sent::json(&body);
    let Reply::Answer {
        status: 202, body, ..
    } = context.api.send(0, 0, "POST", "/api/v1/intake", sent).await
    else {
        bail!("the first run is not accepted");
    };
    let id = body["job_id"].as_str().context("no job_id")?;
    let path = format!("/api/v1/runs/{id}?wait=30s");
    let run = context
        .api
        .read(0, 0, &path, Duration::from_secs(30))
        .await
        .context("the first run cannot be read")?;
    if context.recorder.was_called_by(id) {
        return Ok(None);
    }
    Ok(Some(format!(
        "a run that called {url} is {}: {}",
        run["state"], run["error"]
    )))
}
