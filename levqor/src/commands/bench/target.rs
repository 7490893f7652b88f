//! What is measured: our own binary, started as a caller would start it.

use std::{path::Path, time::Duration};

use anyhow::Context;
use levqor_testkit::{Postgres, Process, Redis, TempFolder, free_port};
use serde_json::Value;

const START: Duration = Duration::from_mins(1);

/// A running installation.
pub(super) struct Target {
    /// `host:port` of the API.
    pub(super) address: String,
    /// A key of plan `enterprise`.
    pub(super) key: String,
    processes: Vec<Process>,
    _servers: Option<(Postgres, Redis)>,
    _folder: TempFolder,
}

impl Target {
    /// `levqor up` on a new folder.
    pub(super) async fn embedded(binary: &Path) -> anyhow::Result<Self> {
        let folder = TempFolder::new()?;
        let data = folder.path().join("data");
        let data = data
            .to_str()
            .context("the temporary folder's name is not UTF-8")?;
        let up = ["up", "--json", "--listen", "127.0.0.1:0", "--data", data];
        let process = Process::start(binary, &up, &[])?;
        let line = process.wait_for_line("\"url\"", START).await?;
        let ready: Value = serde_json::from_str(&line)?;
        let address = text(&ready, "url")?.trim_start_matches("http://").to_owned();
        let key = text(&ready, "api_key")?;
        Ok(Self {
            address,
            key,
            processes: vec![process],
            _servers: None,
            _folder: folder,
        })
    }

    /// API, worker and scheduler as processes on a Postgres (fsync on) and a Redis started for it.
    pub(super) async fn fleet(binary: &Path) -> anyhow::Result<Self> {
        let (postgres, redis) = tokio::try_join!(Postgres::start(), Redis::start())?;
        let database = postgres.create_database().await?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let (redis_url, secret) = (redis.url(), "00".repeat(32));
        let environment = [
            ("LEVQOR_DATABASE_URL", database.as_str()),
            ("LEVQOR_REDIS_URL", redis_url.as_str()),
            ("LEVQOR_LISTEN", address.as_str()),
            ("LEVQOR_SECRET_KEY", secret.as_str()),
            ("LEVQOR_LOG", "warn,levqor=info"),
        ];
        let migrate = Process::start(binary, &["migrate"], &environment)?;
        anyhow::ensure!(
            migrate.wait(START).await?.success(),
            "migrate failed:\n{}",
            migrate.output()
        );
        let create = Process::start(binary, &["key", "create"], &environment)?;
        anyhow::ensure!(
            create.wait(START).await?.success(),
            "no key was made:\n{}",
            create.output()
        );
        let key = text(&serde_json::from_str(&create.stdout())?, "api_key")?;
        let mut processes = Vec::new();
        for role in ["api", "worker", "scheduler"] {
            let process = Process::start(binary, &[role], &environment)?;
            process.wait_for_line("ready", START).await?;
            processes.push(process);
        }
        Ok(Self {
            address,
            key,
            processes,
            _servers: Some((postgres, redis)),
            _folder: TempFolder::new()?,
        })
    }

    /// Process ids of our roles.
    pub(super) fn roles(&self) -> Vec<u32> {
        self.processes.iter().map(Process::pid).collect()
    }
}

fn text(value: &Value, name: &str) -> anyhow::Result<String> {
    Ok(value[name]
        .as_str()
        .with_context(|| format!("no {name} in {value}"))?
        .to_owned())
}
