//! `levqor up` in a folder of its own.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};
use levqor_testkit::{Process, TempFolder, levqor_binary};
use serde_json::Value;

use crate::Client;

/// Longest a start may take.
const START: Duration = Duration::from_mins(1);

/// A running embedded server.
#[derive(Debug)]
pub struct Embedded {
    /// The process.
    pub process: Process,
    /// Speaks to it with the first key.
    pub client: Client,
}

impl Embedded {
    /// Starts in `data`, on a free port, and waits until it is ready.
    pub async fn start(data: &Path) -> Result<Self> {
        Self::start_with(data, &[]).await
    }

    /// The same with more environment variables.
    pub async fn start_with(data: &Path, environment: &[(&str, &str)]) -> Result<Self> {
        Self::start_of(&levqor_binary()?, data, environment).await
    }

    /// The same of another program.
    pub async fn start_of(program: &Path, data: &Path, environment: &[(&str, &str)]) -> Result<Self> {
        let process = Self::spawn_of(program, data, environment)?;
        let client = Self::client(&process).await?;
        Ok(Self { process, client })
    }

    /// The process, without waiting for anything.
    pub fn spawn(data: &Path, environment: &[(&str, &str)]) -> Result<Process> {
        Self::spawn_of(&levqor_binary()?, data, environment)
    }

    fn spawn_of(program: &Path, data: &Path, environment: &[(&str, &str)]) -> Result<Process> {
        let data = data.to_str().context("the folder's name is not UTF-8")?;
        let arguments = ["up", "--json", "--listen", "127.0.0.1:0", "--data", data];
        Process::start(program, &arguments, environment)
    }

    /// Waits until it is ready.
    pub async fn client(process: &Process) -> Result<Client> {
        let line = process.wait_for_line("\"url\"", START).await?;
        let ready: Value = serde_json::from_str(&line)?;
        let text = |name: &str| {
            ready[name]
                .as_str()
                .with_context(|| format!("no {name} in {line}"))
        };
        Client::new(text("url")?, text("api_key")?)
    }

    /// Starts in a new folder, which must be kept as long as the server.
    pub async fn fresh() -> Result<(Self, TempFolder)> {
        let folder = TempFolder::new()?;
        Ok((Self::start(folder.path()).await?, folder))
    }
}
