//! One process of an installation, started again whenever it ends, as a service manager would.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use levqor_testkit::{Preload, Process, eventually};
use parking_lot::Mutex;
use tokio::{task::JoinHandle, time::sleep};

use super::{Running, START, health};
use crate::faults::Role;

/// How often its end is looked for.
const LOOK: Duration = Duration::from_millis(20);

/// Between an end and the next start.
const AGAIN: Duration = Duration::from_millis(200);

/// Longest an orderly end may take; then it is killed. The drain of a worker takes 30 s at most.
const DRAIN: Duration = Duration::from_secs(40);

/// How it is started.
pub(super) struct Spec {
    pub(super) role: Role,
    pub(super) binary: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
    /// `host:port` on which it serves `/health/ready`.
    pub(super) address: String,
}

pub(super) struct Member {
    shared: Arc<Shared>,
    preload: Preload,
    task: JoinHandle<()>,
}

struct Shared {
    spec: Spec,
    process: Mutex<Option<Arc<Process>>>,
    /// Whether the coming end is our doing.
    asked: AtomicBool,
    exits: Mutex<Vec<String>>,
}

impl Member {
    /// Starts it; whether it is ready is asked with [`Member::ready`].
    pub(super) fn start(mut spec: Spec) -> Result<Self> {
        let preload = Preload::new()?;
        let variables = preload.environment();
        spec.environment
            .extend(variables.map(|(name, value)| (name.to_owned(), value)));
        let shared = Arc::new(Shared {
            spec,
            process: Mutex::default(),
            asked: AtomicBool::new(false),
            exits: Mutex::default(),
        });
        *shared.process.lock() = Some(shared.spawn()?);
        let task = tokio::spawn(supervise(Arc::clone(&shared)));
        Ok(Self {
            shared,
            preload,
            task,
        })
    }

    pub(super) fn role(&self) -> Role {
        self.shared.spec.role
    }

    pub(super) async fn look(&self) -> Running {
        Running {
            role: self.role(),
            pid: self.process().map(|process| process.pid()),
            ready: health::ready(&self.shared.spec.address).await,
        }
    }

    fn process(&self) -> Option<Arc<Process>> {
        self.shared.process.lock().clone()
    }

    pub(super) async fn kill(&self) -> Result<()> {
        let Some(process) = self.asked() else {
            return Ok(());
        };
        process.kill().await
    }

    /// SIGTERM, and waits for the end.
    pub(super) async fn terminate(&self) -> Result<()> {
        let Some(process) = self.asked() else {
            return Ok(());
        };
        process.terminate()?;
        match process.wait(DRAIN).await {
            Ok(_) => Ok(()),
            Err(_) => process.kill().await,
        }
    }

    fn asked(&self) -> Option<Arc<Process>> {
        let process = self.process()?;
        self.shared.asked.store(true, Ordering::Release);
        Some(process)
    }

    pub(super) fn freeze(&self) -> Result<()> {
        self.process().map_or(Ok(()), |process| process.freeze())
    }

    pub(super) fn thaw(&self) -> Result<()> {
        self.process().map_or(Ok(()), |process| process.thaw())
    }

    /// Its clock is off by so many seconds.
    pub(super) fn shift_clock(&self, seconds: i64) -> Result<()> {
        self.preload.shift_clock(seconds)
    }

    /// Whether its files cannot grow from now on.
    pub(super) fn fill_disk(&self, full: bool) -> Result<()> {
        self.preload.fill_disk(full)
    }

    /// Why its clock and disk cannot be touched, if so.
    pub(super) async fn disobeys(&self) -> Option<String> {
        let process = self.process()?.pid();
        let disobeys = self.preload.is_missing_in(process).await;
        disobeys.then(|| format!("the program does not load a preloaded library ({})", self.role()))
    }

    /// Undoes all that can be done to it.
    pub(super) fn heal(&self) -> Result<()> {
        self.shift_clock(0)?;
        self.fill_disk(false)?;
        self.thaw()
    }

    /// Waits until it says that it is ready.
    pub(super) async fn ready(&self, limit: Duration) -> Result<()> {
        let address = &self.shared.spec.address;
        eventually(limit, || health::ready(address))
            .await
            .with_context(|| {
                format!(
                    "the {} is not ready; it wrote:\n{}",
                    self.role(),
                    self.last_lines()
                )
            })
    }

    /// The first line it writes with this text.
    pub(super) async fn line(&self, text: &str) -> Result<String> {
        let process = self.process().context("it has ended")?;
        process.wait_for_line(text, START).await
    }

    fn last_lines(&self) -> String {
        self.process()
            .map_or_else(String::new, |process| tail(&process.output()))
    }

    pub(super) fn exits(&self) -> Vec<String> {
        self.shared.exits.lock().clone()
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.task.abort();
        // The task lets go of it when the runtime comes to it; the process ends now.
        self.shared.process.lock().take();
    }
}

impl Shared {
    fn spawn(&self) -> Result<Arc<Process>> {
        let environment: Vec<(&str, &str)> = self
            .spec
            .environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let process = Process::start(&self.spec.binary, &self.spec.arguments, &environment)?;
        Ok(Arc::new(process))
    }

    /// Lets go of the ended process, and keeps what it wrote if nobody asked it to end.
    fn ended(&self) {
        let process = self.process.lock().take();
        if self.asked.swap(false, Ordering::AcqRel) {
            return;
        }
        if let Some(process) = process {
            let text = format!("{}:\n{}", self.spec.role, tail(&process.output()));
            self.exits.lock().push(text);
        }
    }
}

async fn supervise(shared: Arc<Shared>) {
    loop {
        while shared
            .process
            .lock()
            .as_ref()
            .is_some_and(|process| process.is_running())
        {
            sleep(LOOK).await;
        }
        shared.ended();
        sleep(AGAIN).await;
        match shared.spawn() {
            Ok(process) => *shared.process.lock() = Some(process),
            Err(error) => tracing::error!(%error, "a process does not start again"),
        }
    }
}

/// The last 20 lines.
fn tail(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
