//! What is measured: our own binary, started as a caller would start it.

use std::{
    ops::Range,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use levqor_testkit::{Postgres, Process, Redis, TempFolder, free_port};
use serde_json::Value;

use crate::{Host, http::Connection, load, session};

const START: Duration = Duration::from_mins(1);

/// Database numbers of Redis that fleets on one server use.
const REDIS_DATABASES: Range<usize> = 0..16;

/// A Postgres (fsync on) and a Redis.
pub(crate) struct Servers {
    pub(crate) postgres: Postgres,
    pub(crate) redis: Redis,
    free: Mutex<Range<usize>>,
}

impl Servers {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let (postgres, redis) = tokio::try_join!(Postgres::start(), Redis::start())?;
        Ok(Self {
            postgres,
            redis,
            free: REDIS_DATABASES.into(),
        })
    }

    /// A Redis database that no other fleet on this server uses.
    fn redis_url(&self) -> anyhow::Result<String> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let number = free.next().context("no Redis database is free")?;
        Ok(format!("{}{number}", self.redis.url()))
    }

    /// Versions and settings.
    pub(crate) async fn settings(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut settings = session::settings(&self.postgres.url()).await?;
        let mut connection = self.redis.connection().await?;
        let info: String = redis::cmd("INFO")
            .arg("server")
            .query_async(&mut connection)
            .await?;
        let version = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
        settings.push((
            "Redis version".to_owned(),
            version.unwrap_or("unknown").to_owned(),
        ));
        settings.push((
            "Redis persistence".to_owned(),
            "none: hints are disposable".to_owned(),
        ));
        Ok(settings)
    }
}

/// A role and its process.
struct Member {
    role: &'static str,
    process: Process,
    /// `host:port` of its metrics, when it runs runs.
    metrics: Option<String>,
}

/// A running installation.
pub(crate) struct Target {
    /// `host:port` of the API.
    pub(crate) address: String,
    /// A key of plan `enterprise`.
    pub(crate) key: String,
    /// Microseconds since the Unix epoch.
    pub(crate) now: fn() -> i64,
    /// Its servers, when it is a fleet.
    pub(crate) servers: Option<Arc<Servers>>,
    /// Addresses of its databases in them, Postgres and Redis; empty when it is embedded.
    pub(crate) database: String,
    pub(crate) redis: String,
    members: Vec<Member>,
    binary: PathBuf,
    environment: Vec<(&'static str, String)>,
    _folder: TempFolder,
}

impl Target {
    /// `levqor up` on a new folder.
    pub(crate) async fn embedded(host: Host<'_>) -> anyhow::Result<Self> {
        let folder = TempFolder::new()?;
        let data = folder.path().join("data");
        let data = data
            .to_str()
            .context("the temporary folder's name is not UTF-8")?;
        let up = ["up", "--json", "--listen", "127.0.0.1:0", "--data", data];
        let process = Process::start(host.binary, &up, &[])?;
        let line = process.wait_for_line("\"url\"", START).await?;
        let ready: Value = serde_json::from_str(&line)?;
        let address = text(&ready, "url")?.trim_start_matches("http://").to_owned();
        let target = Self {
            key: text(&ready, "api_key")?,
            now: host.now,
            servers: None,
            database: String::new(),
            redis: String::new(),
            members: vec![Member {
                role: "up",
                process,
                metrics: Some(address.clone()),
            }],
            address,
            binary: host.binary.to_owned(),
            environment: Vec::new(),
            _folder: folder,
        };
        load::prepare(&target).await?;
        Ok(target)
    }

    /// API, worker and scheduler as processes on a new database of these servers.
    pub(crate) async fn fleet(host: Host<'_>, servers: Arc<Servers>) -> anyhow::Result<Self> {
        let mut target = Self::migrated(host, servers).await?;
        for role in ["api", "worker", "scheduler"] {
            target.add(role).await?;
        }
        load::prepare(&target).await?;
        Ok(target)
    }

    /// A database with its schema and a key, and no process yet.
    pub(crate) async fn migrated(host: Host<'_>, servers: Arc<Servers>) -> anyhow::Result<Self> {
        let address = format!("127.0.0.1:{}", free_port()?);
        let (database, redis) = (servers.postgres.create_database().await?, servers.redis_url()?);
        let mut target = Self {
            key: String::new(),
            now: host.now,
            servers: Some(servers),
            members: Vec::new(),
            binary: host.binary.to_owned(),
            environment: vec![
                ("LEVQOR_DATABASE_URL", database.clone()),
                ("LEVQOR_REDIS_URL", redis.clone()),
                ("LEVQOR_LISTEN", address.clone()),
                ("LEVQOR_SECRET_KEY", "00".repeat(32)),
                ("LEVQOR_LOG", "warn,levqor=info".to_owned()),
            ],
            address,
            database,
            redis,
            _folder: TempFolder::new()?,
        };
        target.once(&["migrate"]).await?;
        let created = target.once(&["key", "create"]).await?;
        target.key = text(&serde_json::from_str(&created)?, "api_key")?;
        Ok(target)
    }

    /// What a command prints that ends by itself.
    async fn once(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let ended = self.start(arguments, &[])?.succeed(START).await;
        ended.with_context(|| format!("levqor {}", arguments.join(" ")))
    }

    fn start(&self, arguments: &[&str], more: &[(&str, &str)]) -> anyhow::Result<Process> {
        let environment = self
            .environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let environment: Vec<_> = environment.chain(more.iter().copied()).collect();
        Process::start(&self.binary, arguments, &environment)
    }

    /// Adds a process of a fleet and waits until it is ready.
    pub(crate) async fn add(&mut self, role: &'static str) -> anyhow::Result<()> {
        self.add_as(role, &self.database.clone()).await
    }

    /// The same with its own login of the database.
    pub(crate) async fn add_as(&mut self, role: &'static str, database: &str) -> anyhow::Result<()> {
        let metrics = format!("127.0.0.1:{}", free_port()?);
        let mut more = vec![("LEVQOR_DATABASE_URL", database)];
        if role != "api" {
            more.push(("LEVQOR_METRICS_LISTEN", metrics.as_str()));
        }
        let process = self.start(&[role], &more)?;
        process.wait_for_line("ready", START).await?;
        let metrics = (role == "worker").then_some(metrics);
        self.members.push(Member {
            role,
            process,
            metrics,
        });
        Ok(())
    }

    /// Drains and ends the process of this role that was added last.
    pub(crate) async fn remove(&mut self, role: &str) -> anyhow::Result<()> {
        let at = self.members.iter().rposition(|member| member.role == role);
        let member = self
            .members
            .remove(at.with_context(|| format!("no {role} runs"))?);
        member.process.terminate()?;
        member.process.wait(START).await.map(drop)
    }

    /// Process ids of our roles.
    pub(crate) fn roles(&self) -> Vec<u32> {
        self.members.iter().map(|member| member.process.pid()).collect()
    }

    /// Names and process ids of our roles.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&'static str, u32)> {
        self.members
            .iter()
            .map(|member| (member.role, member.process.pid()))
    }

    /// Process ids of our roles and their servers.
    pub(crate) fn everything(&self) -> Vec<u32> {
        let servers = self.servers.iter();
        let servers = servers.flat_map(|servers| [servers.postgres.pid(), servers.redis.pid()]);
        self.roles().into_iter().chain(servers.flatten()).collect()
    }

    /// A new connection to the API.
    pub(crate) async fn open(&self) -> anyhow::Result<Connection> {
        Connection::open(&self.address, &self.key).await
    }

    /// Runs that ended in the processes that are here now.
    pub(crate) async fn ended(&self) -> anyhow::Result<u64> {
        let mut ended = 0;
        for address in self.members.iter().filter_map(|member| member.metrics.as_ref()) {
            let metrics = Connection::open(address, &self.key)
                .await?
                .get("/metrics")
                .await?;
            ended += count_ends(&String::from_utf8_lossy(&metrics));
        }
        Ok(ended)
    }
}

/// Sums a counter over its labels.
fn count_ends(metrics: &str) -> u64 {
    let ends = metrics
        .lines()
        .filter(|line| line.starts_with("levqor_runs_ended_total"));
    let numbers = ends.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
    numbers.sum::<f64>() as u64
}

fn text(value: &Value, name: &str) -> anyhow::Result<String> {
    Ok(value[name]
        .as_str()
        .with_context(|| format!("no {name} in {value}"))?
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_summed_over_labels() {
        let metrics = "# TYPE levqor_runs_ended_total counter\n\
                       levqor_runs_ended_total{state=\"completed\",workflow=\"a b\"} 12\n\
                       levqor_runs_ended_total{state=\"faulted\"} 1\n\
                       levqor_slots 512\n";
        assert_eq!(count_ends(metrics), 13);
    }
}
