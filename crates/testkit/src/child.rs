//! A started program: signals, waiting, and its end on drop.

use std::{
    path::Path,
    process::{Child as StdChild, ChildStderr, ChildStdout, Command, ExitStatus},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use parking_lot::Mutex;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::{eventually, watchdog};

/// A child process. Not tokio's: that one belongs to one runtime, and shared servers outlive the runtime of the
/// test that started them.
#[derive(Debug)]
pub(crate) struct Child {
    process: Mutex<StdChild>,
    /// What ends it on drop: Postgres cleans its shared memory up on QUIT.
    last: Signal,
}

impl Child {
    /// Starts `command` in `folder`; `last` ends it on drop.
    pub(crate) fn spawn(command: &mut Command, folder: &Path, last: Signal) -> Result<Self> {
        let process = command
            .current_dir(folder)
            .spawn()
            .with_context(|| format!("start {}", command.get_program().display()))?;
        let name = if last == Signal::QUIT { "QUIT" } else { "KILL" };
        watchdog::watch_process(name, process.id(), folder)?;
        Ok(Self {
            process: Mutex::new(process),
            last,
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.lock().id()
    }

    /// Standard output and error, which the command must have piped.
    pub(crate) fn take_streams(&self) -> Result<(ChildStdout, ChildStderr)> {
        let mut process = self.process.lock();
        process
            .stdout
            .take()
            .zip(process.stderr.take())
            .context("the streams are not piped")
    }

    /// Sends a signal; nothing when it has ended (and was not yet reaped by anybody else than us).
    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        let mut process = self.process.lock();
        if process.try_wait()?.is_none() {
            kill_process(Pid::from_child(&process), signal).context("signal a child")?;
        }
        Ok(())
    }

    /// Stops it and waits until every thread of it stands still: from then on nothing it does is under way. False: it
    /// has ended.
    pub(crate) async fn stand_still(&self) -> Result<bool> {
        self.signal(Signal::STOP)?;
        let asked = Instant::now();
        while !self.stopped() {
            if self.ended().is_some() {
                return Ok(false);
            }
            ensure!(
                asked.elapsed() < Duration::from_secs(10),
                "the process does not stand still"
            );
            tokio::task::yield_now().await;
        }
        Ok(true)
    }

    /// Whether it has come to stand still since this was asked last.
    fn stopped(&self) -> bool {
        let process = self.process.lock();
        let options = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG;
        waitid(WaitId::Pid(Pid::from_child(&process)), options).is_ok_and(|status| status.is_some())
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&self) -> Option<ExitStatus> {
        self.process.lock().try_wait().ok().flatten()
    }

    /// Waits for its end.
    pub(crate) async fn wait(&self, deadline: Duration) -> Result<ExitStatus> {
        eventually(deadline, || async { self.ended().is_some() })
            .await
            .context("the process goes on")?;
        self.ended().context("the process goes on")
    }

    /// `signal`, then waits; kills it when that takes over 20 s.
    pub(crate) async fn stop(&self, signal: Signal) -> Result<()> {
        self.signal(signal)?;
        if self.wait(Duration::from_secs(20)).await.is_err() {
            self.signal(Signal::KILL)?;
            self.wait(Duration::from_secs(5)).await?;
        }
        Ok(())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let stopped = self.signal(self.last).and_then(|()| self.signal(Signal::CONT));
        if stopped.is_ok() {
            let _ended = self.process.lock().wait();
        }
    }
}
