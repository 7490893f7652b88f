//! An installation that is not ours: faults are shell commands that its operator gave for them.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};
use levqor_egress::{Egress, Request};
use levqor_testkit::eventually;
use parking_lot::Mutex;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use super::Begun;
use crate::{
    client::client,
    faults::{Fault, Kind},
};

/// Longest a command may go on after its fault should be over.
const PATIENCE: Duration = Duration::from_mins(2);

/// Longest one answer about its health may take.
const PROBE: Duration = Duration::from_secs(4);

pub(super) struct Outside {
    apis: [String; 1],
    key: String,
    egress: Egress,
    commands: Vec<(Kind, String)>,
    /// Commands under way.
    running: Mutex<Vec<(Kind, Child)>>,
}

impl Outside {
    pub(super) fn new(url: &str, key: &str, commands: Vec<(Kind, String)>) -> Self {
        Self {
            apis: [url.trim_end_matches('/').to_owned()],
            key: key.to_owned(),
            egress: client(),
            commands,
            running: Mutex::default(),
        }
    }

    pub(super) fn apis(&self) -> &[String] {
        &self.apis
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn kinds(&self) -> Vec<Kind> {
        self.commands.iter().map(|(kind, _)| *kind).collect()
    }

    pub(super) fn begin(&self, fault: &Fault) -> Result<Begun> {
        let Some((_, command)) = self.commands.iter().find(|(kind, _)| *kind == fault.kind) else {
            return Ok(Begun::Skipped("no command was given for it".to_owned()));
        };
        let child = Command::new("sh")
            .args(["-c", command])
            .env("FAULT", fault.kind.to_string())
            .env("FAULT_SECONDS", fault.lasts.as_secs_f64().ceil().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("start the command for {}", fault.kind))?;
        self.running.lock().push((fault.kind, child));
        Ok(Begun::Done)
    }

    /// Waits for the end of its command.
    pub(super) async fn end(&self, fault: &Fault) -> Result<()> {
        let taken = {
            let mut running = self.running.lock();
            let at = running.iter().position(|(kind, _)| *kind == fault.kind);
            at.map(|at| running.remove(at).1)
        };
        match taken {
            Some(child) => finish(fault.kind, child).await,
            None => Ok(()),
        }
    }

    pub(super) async fn heal(&self, limit: Duration) -> Result<()> {
        let running = std::mem::take(&mut *self.running.lock());
        for (kind, child) in running {
            finish(kind, child).await?;
        }
        eventually(limit, || self.ready())
            .await
            .context("the installation is not ready")
    }

    async fn ready(&self) -> bool {
        let request = Request {
            method: "GET".to_owned(),
            url: format!("{}/health/ready", self.apis[0]),
            headers: Vec::new(),
            body: None,
            timeout: Some(PROBE),
            follow_redirects: false,
            idempotency_key: None,
        };
        let answer = self.egress.send(request).await;
        answer.is_ok_and(|answer| answer.status == 200)
    }
}

async fn finish(kind: Kind, mut child: Child) -> Result<()> {
    let status = timeout(PATIENCE, child.wait())
        .await
        .with_context(|| format!("the command for {kind} does not end"))??;
    ensure!(status.success(), "the command for {kind} ended with {status}");
    Ok(())
}
