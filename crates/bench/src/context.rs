//! What a scenario is told: what to measure, with what, how long.

use std::sync::Arc;

use clap::ValueEnum;

use crate::{
    BenchArgs, Host,
    target::{Servers, Target},
};

/// The two ways to run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Installation {
    /// `levqor up`: one process on SQLite.
    Embedded,
    /// API, worker and scheduler as processes on Postgres and Redis.
    PostgresRedis,
}

impl Installation {
    /// Its member in JSON.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::PostgresRedis => "postgres_redis",
        }
    }

    /// For people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::PostgresRedis => "postgres + redis",
        }
    }
}

pub(crate) struct Context<'a> {
    pub(crate) arguments: &'a BenchArgs,
    pub(crate) host: Host<'a>,
    pub(crate) installation: Installation,
}

impl Context<'_> {
    /// A fresh installation with the documents of the loads, on servers of its own.
    pub(crate) async fn target(&self) -> anyhow::Result<Target> {
        match self.installation {
            Installation::Embedded => Target::embedded(self.host).await,
            Installation::PostgresRedis => Target::fleet(self.host, Arc::new(Servers::start().await?)).await,
        }
    }

    pub(crate) fn say(&self, text: &str) {
        (self.host.say)(&format!("{}: {text}", self.installation.name()));
    }
}
