//! A driver's process: a command as a line of JSON in, its answer as a line of JSON out.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use super::install::Installed;

/// How long an answer may take: the longest is that a load has ended.
const PATIENCE: Duration = Duration::from_mins(5);

pub(super) struct Driver {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Driver {
    /// Starts it as `worker` or `producer` and waits until it is ready.
    pub(super) async fn start(
        installed: &Installed,
        role: &str,
        environment: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let mut child = Command::new(&installed.node)
            .args(["driver.mjs", role])
            .current_dir(installed.folder.path())
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (input, output) = child
            .stdin
            .take()
            .zip(child.stdout.take())
            .context("the streams are not piped")?;
        let mut driver = Self {
            child,
            input,
            output: BufReader::new(output).lines(),
        };
        driver
            .hear()
            .await
            .with_context(|| format!("the {role} does not start"))?;
        Ok(driver)
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// A command and its answer.
    pub(super) async fn ask(&mut self, command: &Value) -> anyhow::Result<Value> {
        self.input.write_all(format!("{command}\n").as_bytes()).await?;
        self.hear().await
    }

    /// The next line that is an answer; libraries print others.
    async fn hear(&mut self) -> anyhow::Result<Value> {
        loop {
            let line = timeout(PATIENCE, self.output.next_line())
                .await
                .context("the driver does not answer")??;
            match line {
                Some(line) if line.starts_with('{') => return Ok(serde_json::from_str(&line)?),
                Some(_) => {}
                None => bail!("the driver ended: {}", self.errors().await),
            }
        }
    }

    /// What it complained of: the line that names the error, else the end.
    async fn errors(&mut self) -> String {
        let mut text = Vec::new();
        if let Some(stream) = &mut self.child.stderr {
            let _read = timeout(Duration::from_secs(2), stream.read_to_end(&mut text)).await;
        }
        let text = String::from_utf8_lossy(&text);
        let named = text.lines().find(|line| line.contains("Error:"));
        named
            .or_else(|| text.lines().last())
            .unwrap_or_default()
            .to_owned()
    }

    /// Its input ends, and with it the process.
    pub(super) async fn end(mut self) -> anyhow::Result<()> {
        drop(self.input);
        if timeout(Duration::from_secs(10), self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }
}
