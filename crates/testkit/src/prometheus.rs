//! A Prometheus server of its own.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Result, bail, ensure};
use rustix::process::Signal;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{TempFolder, child::Child, eventually, free_port};

const START: Duration = Duration::from_secs(20);

/// A running server that looks at its targets every second, and as often at its rules.
#[derive(Debug)]
pub struct Prometheus {
    child: Child,
    port: u16,
    folder: TempFolder,
}

impl Prometheus {
    /// Scrapes `targets`, each `host:port`, under the job `levqor`, and evaluates the rules in the file `rules`, whose
    /// path is absolute. Waits until it answers.
    pub async fn start(targets: &[String], rules: &Path) -> Result<Self> {
        for _ in 0..5 {
            let server = Self::spawn(targets, rules)?;
            let decided = async || server.child.ended().is_some() || server.ready().await;
            eventually(START, decided).await?;
            if server.child.ended().is_none() {
                return Ok(server);
            }
            // Another process may have taken the port; a file that does not parse ends it with another word.
            let log = server.log();
            ensure!(log.contains("address already in use"), "Prometheus ended: {log}");
        }
        bail!("Prometheus found no free port")
    }

    fn spawn(targets: &[String], rules: &Path) -> Result<Self> {
        let (port, folder) = (free_port()?, TempFolder::new()?);
        // JSON is YAML.
        let config = json!({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [rules],
            "scrape_configs": [{"job_name": "levqor", "static_configs": [{"targets": targets}]}],
        });
        fs::write(folder.path().join("prometheus.yml"), config.to_string())?;
        let log = File::create(folder.path().join("server.log"))?;
        let mut command = Command::new("prometheus");
        command
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"])
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let child = Child::spawn(&mut command, folder.path(), Signal::KILL)?;
        Ok(Self { child, port, folder })
    }

    async fn ready(&self) -> bool {
        let ask = async || -> Result<String> {
            let mut connection = TcpStream::connect(("127.0.0.1", self.port)).await?;
            connection.write_all(b"GET /-/ready HTTP/1.0\r\n\r\n").await?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer).await?;
            Ok(answer)
        };
        ask().await.is_ok_and(|answer| answer.starts_with("HTTP/1.0 200"))
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What the server wrote.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }
}
