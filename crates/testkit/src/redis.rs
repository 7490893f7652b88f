//! A Redis server of its own.

use std::{
    fs::{self, File},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Result, bail, ensure};
use parking_lot::Mutex;
use redis::{AsyncConnectionConfig, Client, aio::MultiplexedConnection, cmd};
use rustix::process::Signal;

use crate::{TempFolder, child::Child, eventually, free_port};

const START: Duration = Duration::from_secs(20);

/// A running server without persistence: what it held is gone after a stop.
#[derive(Debug)]
pub struct Redis {
    child: Mutex<Option<Child>>,
    port: u16,
    folder: TempFolder,
}

impl Redis {
    /// Starts a new server and waits until it answers.
    pub async fn start() -> Result<Self> {
        let mut server = Self {
            child: Mutex::new(None),
            port: 0,
            folder: TempFolder::new()?,
        };
        for _ in 0..5 {
            server.port = free_port()?;
            if server.start_again().await.is_ok() {
                return Ok(server);
            }
        }
        bail!("Redis does not start: {}", server.log())
    }

    /// Starts the stopped server on the same port, empty; waits until it answers.
    pub async fn start_again(&self) -> Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("server.log"))?;
        let mut command = Command::new("redis-server");
        command
            .args([
                "--bind",
                "127.0.0.1",
                "--port",
                &self.port.to_string(),
                "--save",
                "",
                "--appendonly",
                "no",
            ])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let child = Child::spawn(&mut command, self.folder.path(), Signal::KILL)?;
        *self.child.lock() = Some(child);
        eventually(START, || async { !self.running() || self.answers().await }).await?;
        ensure!(self.running(), "Redis ended: {}", self.log());
        Ok(())
    }

    /// Whether its process goes on.
    pub fn running(&self) -> bool {
        self.child
            .lock()
            .as_ref()
            .is_some_and(|child| child.ended().is_none())
    }

    async fn answers(&self) -> bool {
        let Ok(mut connection) = self.connection().await else {
            return false;
        };
        cmd("PING").query_async::<String>(&mut connection).await.is_ok()
    }

    /// A new connection for the test's own commands.
    pub async fn connection(&self) -> Result<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(10)));
        Ok(Client::open(self.url())?
            .get_multiplexed_async_connection_with_config(&config)
            .await?)
    }

    /// Empties every database of the server.
    pub async fn flushall(&self) -> Result<()> {
        cmd("FLUSHALL")
            .query_async::<()>(&mut self.connection().await?)
            .await?;
        Ok(())
    }

    /// An orderly stop.
    pub async fn stop(&self) -> Result<()> {
        self.end(Signal::TERM).await
    }

    /// kill -9.
    pub async fn kill(&self) -> Result<()> {
        self.end(Signal::KILL).await
    }

    async fn end(&self, signal: Signal) -> Result<()> {
        let child = self.child.lock().take();
        match child {
            Some(child) => child.stop(signal).await,
            None => Ok(()),
        }
    }

    /// Freezes it (SIGSTOP): connections stay open and nothing answers.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Ends a freeze.
    pub fn thaw(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        self.child
            .lock()
            .as_ref()
            .map_or(Ok(()), |child| child.signal(signal))
    }

    /// Process id; none while stopped.
    pub fn pid(&self) -> Option<u32> {
        self.child.lock().as_ref().map(Child::pid)
    }

    /// `redis://127.0.0.1:PORT/`, the same over restarts.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the server wrote.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }
}
