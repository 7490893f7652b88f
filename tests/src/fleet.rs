//! Roles as processes on real Postgres and Redis.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use levqor_testkit::{Pooler, Postgres, Process, Redis, eventually, free_port, levqor_binary};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection, raw_sql};
use tokio::sync::Mutex;

use crate::Client;

const START: Duration = Duration::from_mins(1);

/// A drain may take this long: 20 seconds for steps under way, and what comes after them.
const DRAIN: Duration = Duration::from_secs(40);

/// A role of the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `levqor api`
    Api,
    /// `levqor worker`
    Worker,
    /// `levqor scheduler`
    Scheduler,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Worker => "worker",
            Self::Scheduler => "scheduler",
        }
    }
}

/// Postgres, Redis and the processes started on them.
pub struct Fleet {
    /// The database server.
    pub postgres: Postgres,
    /// The queue server.
    pub redis: Redis,
    /// Speaks to the API with the first key.
    pub client: Client,
    /// Address of the database itself.
    database: String,
    environment: Vec<(String, String)>,
    /// What its processes are started from.
    program: PathBuf,
    processes: Mutex<Vec<(Role, Process)>>,
}

impl Fleet {
    /// Starts the servers, migrates and makes a key. No role runs yet.
    pub async fn prepare() -> Result<Self> {
        Self::prepare_with(&[]).await
    }

    /// The same with more settings for every role.
    pub async fn prepare_with(settings: &[(&str, &str)]) -> Result<Self> {
        Self::prepare_of(&levqor_binary()?, None, settings).await
    }

    /// The same with another program, on a database that holds what a dump has.
    pub async fn prepare_of(program: &Path, dump: Option<&str>, settings: &[(&str, &str)]) -> Result<Self> {
        let (postgres, redis) = tokio::try_join!(Postgres::start(), Redis::start())?;
        let database = postgres.create_database().await?;
        if let Some(dump) = dump {
            restore(&database, dump).await?;
        }
        let listen = format!("127.0.0.1:{}", free_port()?);
        let mut environment = vec![
            ("LEVQOR_DATABASE_URL".to_owned(), database.clone()),
            ("LEVQOR_REDIS_URL".to_owned(), redis.url()),
            ("LEVQOR_LISTEN".to_owned(), listen.clone()),
            ("LEVQOR_SECRET_KEY".to_owned(), "5e".repeat(32)),
            ("LEVQOR_ALLOW_LOOPBACK".to_owned(), "true".to_owned()),
            ("LEVQOR_WORKER_LEASE".to_owned(), "4".to_owned()),
            ("LEVQOR_LOG".to_owned(), "info".to_owned()),
        ];
        environment.extend(
            settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        // The schema needs the database and nothing else.
        finish(program, &environment[..1], &["migrate"]).await?;
        let key: Value = serde_json::from_str(&finish(program, &environment, &["key", "create"]).await?)?;
        let key = key["api_key"].as_str().context("no api_key")?;
        let client = Client::new(&format!("http://{listen}"), key)?;
        Ok(Self {
            postgres,
            redis,
            client,
            database,
            environment,
            program: program.to_owned(),
            processes: Mutex::default(),
        })
    }

    /// Processes started from now on reach the database through this pooler.
    pub fn behind(&mut self, pooler: &Pooler) {
        self.environment[0].1 = pooler.url_for(&self.database);
    }

    /// Processes and commands from now on are of this program; those that run stay.
    pub fn turn_to(&mut self, program: &Path) {
        program.clone_into(&mut self.program);
    }

    /// Starts one API, one scheduler and so many workers.
    pub async fn start(workers: usize) -> Result<Self> {
        Self::start_with(workers, &[]).await
    }

    /// The same with more settings for every role.
    pub async fn start_with(workers: usize, settings: &[(&str, &str)]) -> Result<Self> {
        let fleet = Self::prepare_with(settings).await?;
        fleet.add_all(workers).await?;
        Ok(fleet)
    }

    /// One API, one scheduler and so many workers more.
    pub async fn add_all(&self, workers: usize) -> Result<()> {
        self.add(Role::Api).await?;
        self.add(Role::Scheduler).await?;
        for _ in 0..workers {
            self.add(Role::Worker).await?;
        }
        Ok(())
    }

    /// Starts a process of a role and waits until it says that it is ready.
    pub async fn add(&self, role: Role) -> Result<()> {
        self.add_with(role, &[]).await
    }

    /// One more API, on an address of its own; a client of it.
    pub async fn add_api(&self) -> Result<Client> {
        let listen = format!("127.0.0.1:{}", free_port()?);
        self.add_with(Role::Api, &[("LEVQOR_LISTEN", &listen)]).await?;
        Client::new(&format!("http://{listen}"), self.client.key())
    }

    /// One more worker or scheduler that serves its metrics: the address they are on.
    pub async fn add_observed(&self, role: Role) -> Result<String> {
        let address = format!("127.0.0.1:{}", free_port()?);
        self.add_with(role, &[("LEVQOR_METRICS_LISTEN", &address)])
            .await?;
        Ok(address)
    }

    /// The same with other settings than the fleet's.
    async fn add_with(&self, role: Role, settings: &[(&str, &str)]) -> Result<()> {
        let mut environment = borrowed(&self.environment);
        environment.extend(settings);
        let process = Process::start(&self.program, &[role.name()], &environment)?;
        process.wait_for_line("ready", START).await?;
        self.processes.lock().await.push((role, process));
        Ok(())
    }

    /// kill -9 of the oldest process of a role, then a new one.
    pub async fn kill_and_replace(&self, role: Role) -> Result<()> {
        let process = self.take(role).await?;
        process.kill().await?;
        self.add(role).await
    }

    /// kill -9 of all.
    pub async fn kill_all(&self) -> Result<()> {
        let processes = std::mem::take(&mut *self.processes.lock().await);
        for (_, process) in processes {
            process.kill().await?;
        }
        Ok(())
    }

    /// Takes the oldest process of a role out of the fleet, still running.
    pub async fn take(&self, role: Role) -> Result<Process> {
        let mut processes = self.processes.lock().await;
        let at = processes
            .iter()
            .position(|(r, _)| *r == role)
            .context("no process of that role")?;
        Ok(processes.remove(at).1)
    }

    /// SIGTERM of the oldest process of a role; it ends by itself and well.
    pub async fn retire(&self, role: Role) -> Result<()> {
        let old = self.take(role).await?;
        old.terminate()?;
        let status = old.wait(DRAIN).await?;
        ensure!(
            status.success(),
            "{role:?} ended with {status}:\n{}",
            old.output()
        );
        Ok(())
    }

    /// What all processes of a role have written.
    pub async fn output(&self, role: Role) -> String {
        let processes = self.processes.lock().await;
        processes
            .iter()
            .filter(|(r, _)| *r == role)
            .map(|(_, p)| p.output())
            .collect()
    }

    /// The database as statements.
    pub fn dump(&self) -> Result<String> {
        self.postgres.dump(&self.database)
    }

    /// A connection to the database, for looking behind the API.
    pub async fn database(&self) -> Result<sqlx::PgPool> {
        Ok(sqlx::PgPool::connect(&self.database).await?)
    }

    /// Runs a command of the binary on this fleet's database to its end: exit code and standard output.
    pub async fn run(&self, arguments: &[&str]) -> Result<(i32, String)> {
        self.run_within(arguments, START).await
    }

    /// The same for one that takes longer.
    pub async fn run_within(&self, arguments: &[&str], limit: Duration) -> Result<(i32, String)> {
        let process = Process::start(&self.program, arguments, &borrowed(&self.environment))?;
        let status = process.wait(limit).await?;
        let code = status.code().context("ended by a signal")?;
        Ok((code, process.stdout()))
    }

    /// Waits until no run is live.
    pub async fn idle(&self, limit: Duration) -> Result<()> {
        let database = self.database().await?;
        let empty = async || {
            let live = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM live")
                .fetch_one(&database)
                .await;
            live.is_ok_and(|live| live == 0)
        };
        eventually(limit, empty).await.context("runs are still live")
    }
}

/// Settings of the role in a database: a dump has them not, and no program starts without.
const PLANNER_SETTINGS: &str = include_str!("../../migration/sql/planner_settings.sql");

/// Executes what `pg_dump --inserts` wrote.
async fn restore(database: &str, dump: &str) -> Result<()> {
    let mut connection = PgConnection::connect(database).await?;
    for sql in [PLANNER_SETTINGS, dump] {
        let done = raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection);
        done.await.context("restore the dump")?;
    }
    Ok(connection.close().await?)
}

/// Runs a command of the binary to its end; its standard output.
async fn finish(program: &Path, environment: &[(String, String)], arguments: &[&str]) -> Result<String> {
    let process = Process::start(program, arguments, &borrowed(environment))?;
    let ended = process.succeed(START).await;
    ended.with_context(|| format!("{arguments:?}"))
}

fn borrowed(environment: &[(String, String)]) -> Vec<(&str, &str)> {
    environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}
