//! A Postgres cluster of its own: never the system's.

use std::{
    ffi::OsStr,
    fs::{self, File},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use parking_lot::Mutex;
use rustix::process::{Signal, geteuid};
use sqlx::{AssertSqlSafe, Connection, PgConnection, raw_sql};
use tokio::sync::OnceCell;

use crate::{TempFolder, child::Child, eventually, free_port};

/// How long a cluster may take to start (crash recovery of what a test wrote included).
const START: Duration = Duration::from_mins(1);

/// A running cluster. The role of [`Postgres::url`] is its superuser; anybody on loopback is trusted.
#[derive(Debug)]
pub struct Postgres {
    child: Mutex<Option<Child>>,
    port: u16,
    fsync: bool,
    /// Variables of the server beside our own.
    environment: Vec<(&'static str, String)>,
    account: Option<Account>,
    binaries: PathBuf,
    databases: AtomicU64,
    folder: TempFolder,
}

/// The OS user a root must become, because Postgres refuses to run as root.
#[derive(Clone, Copy, Debug)]
struct Account {
    uid: u32,
    gid: u32,
}

impl Postgres {
    /// The cluster all tests of this process share, started by the first. Take a database of your own
    /// ([`Postgres::create_database`]) and do not stop it: tests that do start their own.
    pub async fn shared() -> Result<&'static Self> {
        static SHARED: OnceCell<Postgres> = OnceCell::const_new();
        SHARED.get_or_try_init(Self::start).await
    }

    /// A new cluster with real durability (fsync on).
    pub async fn start() -> Result<Self> {
        Self::start_with(true, Vec::new()).await
    }

    /// The same with these variables in the server's environment, such as those of a [`Preload`](crate::Preload).
    pub async fn start_in(environment: impl IntoIterator<Item = (&'static str, String)>) -> Result<Self> {
        Self::start_with(true, environment.into_iter().collect()).await
    }

    /// A new cluster that loses commits when the machine (not when Postgres) dies: for tests of volume.
    pub async fn start_without_fsync() -> Result<Self> {
        Self::start_with(false, Vec::new()).await
    }

    async fn start_with(fsync: bool, environment: Vec<(&'static str, String)>) -> Result<Self> {
        let (folder, account) = (TempFolder::new()?, account()?);
        let mut cluster = Self {
            child: Mutex::new(None),
            port: 0,
            fsync,
            environment,
            account,
            binaries: binaries()?,
            databases: AtomicU64::new(0),
            folder,
        };
        cluster.initdb()?;
        for _ in 0..5 {
            cluster.port = free_port()?;
            if cluster.start_again().await.is_ok() {
                return Ok(cluster);
            }
        }
        bail!("Postgres does not start: {}", cluster.log())
    }

    fn initdb(&self) -> Result<()> {
        if let Some(Account { uid, gid }) = self.account {
            chown(self.folder.path(), Some(uid), Some(gid)).context("give the folder to user postgres")?;
        }
        let output = self
            .command("initdb")
            .args([
                "-D",
                "data",
                "-U",
                "levqor",
                "--auth=trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ])
            .current_dir(self.folder.path())
            .output()
            .context("run initdb")?;
        ensure!(
            output.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// A program of Postgres as the right user.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        if let Some(Account { uid, gid }) = self.account {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Starts the stopped cluster on the same port with the same data; waits until it answers.
    pub async fn start_again(&self) -> Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("server.log"))?;
        let fsync = if self.fsync { "fsync=on" } else { "fsync=off" };
        let port = format!("port={}", self.port);
        let mut command = self.command("postgres");
        command
            .args(["-D", "data"])
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        for setting in [
            &port,
            fsync,
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=300",
            "shared_buffers=128MB",
            "max_wal_size=4GB",
            "log_checkpoints=off",
        ] {
            command.args(["-c", setting]);
        }
        let child = Child::spawn(&mut command, self.folder.path(), Signal::QUIT)?;
        *self.child.lock() = Some(child);
        self.wait_ready().await
    }

    async fn wait_ready(&self) -> Result<()> {
        let url = self.url();
        let answers = eventually(START, || async {
            !self.running() || PgConnection::connect(&url).await.is_ok()
        });
        answers.await?;
        ensure!(self.running(), "Postgres ended: {}", self.log());
        Ok(())
    }

    /// Whether its process goes on: it ends by itself when it cannot recover.
    pub fn running(&self) -> bool {
        self.child
            .lock()
            .as_ref()
            .is_some_and(|child| child.ended().is_none())
    }

    /// Fast shutdown: clients are cut, a checkpoint is written.
    pub async fn stop(&self) -> Result<()> {
        self.end(Signal::INT).await
    }

    /// Dies without a checkpoint, as in a crash; [`Postgres::start_again`] recovers.
    pub async fn crash(&self) -> Result<()> {
        self.end(Signal::QUIT).await
    }

    async fn end(&self, signal: Signal) -> Result<()> {
        let child = self.child.lock().take();
        match child {
            Some(child) => child.stop(signal).await,
            None => Ok(()),
        }
    }

    /// [`Postgres::stop`], then [`Postgres::start_again`].
    pub async fn restart(&self) -> Result<()> {
        self.stop().await?;
        self.start_again().await
    }

    /// Process id of the postmaster; none while stopped.
    pub fn pid(&self) -> Option<u32> {
        self.child.lock().as_ref().map(Child::pid)
    }

    /// The port on 127.0.0.1; it stays the same over restarts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Address of the database `postgres`.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://levqor@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes an empty database and answers its address.
    pub async fn create_database(&self) -> Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url()).await?;
        raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        Ok(self.url_of(&name))
    }

    /// A database as statements that sqlx can execute: what `pg_dump` writes, without its commands to psql.
    pub fn dump(&self, database: &str) -> Result<String> {
        // Beside the server itself: what PATH finds may be a link to that alone.
        let server = fs::canonicalize(self.binaries.join("postgres"))?;
        let output = Command::new(server.with_file_name("pg_dump"))
            .args(["--inserts", "--rows-per-insert=100", "--no-owner", database])
            .stdin(Stdio::null())
            .output()
            .context("run pg_dump")?;
        ensure!(
            output.status.success(),
            "pg_dump: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout)?;
        let is_command = |line: &&str| line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ");
        let statements = text.lines().filter(|line| !is_command(line));
        Ok(statements.fold(String::new(), |all, line| all + line + "\n"))
    }

    /// What the server wrote to its log, the last 4,000 characters.
    pub fn log(&self) -> String {
        let log = fs::read(self.folder.path().join("server.log")).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(4_000)..]).into_owned()
    }
}

/// User `postgres` when we are root, nobody else otherwise.
fn account() -> Result<Option<Account>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let passwd = fs::read_to_string("/etc/passwd").context("read the list of users")?;
    let line = passwd.lines().find(|line| line.starts_with("postgres:"));
    let mut fields = line
        .context("there is no OS user postgres to run the server as")?
        .split(':')
        .skip(2);
    let mut number = || {
        fields
            .next()
            .and_then(|field| field.parse().ok())
            .context("a broken line of postgres")
    };
    Ok(Some(Account {
        uid: number()?,
        gid: number()?,
    }))
}

/// The folder of initdb and postgres: PATH first, then Debian's, the newest version of 15 or later first.
fn binaries() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((version(&entry.file_name())?, entry.path().join("bin"))))
        .filter(|(version, _)| *version >= 15)
        .collect();
    debian.sort_unstable();
    std::env::split_paths(&path)
        .chain(debian.into_iter().rev().map(|(_, folder)| folder))
        .find(|folder| is_complete(folder))
        .context("no Postgres 15 or later: neither in PATH nor in /usr/lib/postgresql")
}

fn version(name: &OsStr) -> Option<u32> {
    name.to_str()?.parse().ok()
}

fn is_complete(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("postgres").is_file()
}
