//! Postgres and Redis of an installation.

use anyhow::{Context, Result, bail};
use levqor_testkit::{Postgres, Preload, Redis, eventually};
use sqlx::{Connection, Executor, PgConnection};

use super::super::{Begun, START, not_here};
use crate::faults::{Fault, Kind};

pub(super) struct Servers {
    pub(super) postgres: Postgres,
    pub(super) redis: Redis,
    /// Address of the installation's database, without a proxy.
    pub(super) database: String,
    preload: Preload,
}

impl Servers {
    pub(super) async fn start() -> Result<Self> {
        let preload = Preload::new()?;
        let (postgres, redis) = tokio::try_join!(Postgres::start_in(preload.environment()), Redis::start())?;
        let database = postgres.create_database().await?;
        Ok(Self {
            postgres,
            redis,
            database,
            preload,
        })
    }

    pub(super) async fn begin(&self, fault: &Fault) -> Result<Begun> {
        match fault.kind {
            Kind::RedisFlush => self.redis.flushall().await?,
            Kind::RedisRestart => self.redis.kill().await?,
            Kind::PostgresRestart => self.postgres.stop().await?,
            Kind::PostgresCrash => self.postgres.crash().await?,
            Kind::DiskFull => {
                if let Some(reason) = self.disobeys().await {
                    return Ok(Begun::Skipped(reason));
                }
                self.preload.fill_disk(true)?;
            }
            _ => return not_here(fault),
        }
        Ok(Begun::Done)
    }

    pub(super) async fn end(&self, fault: &Fault) -> Result<()> {
        match fault.kind {
            Kind::RedisFlush => Ok(()),
            Kind::RedisRestart => self.redis.start_again().await,
            Kind::PostgresRestart | Kind::PostgresCrash => self.postgres.start_again().await,
            Kind::DiskFull => {
                self.preload.fill_disk(false)?;
                self.recover().await
            }
            _ => not_here(fault),
        }
    }

    pub(super) async fn heal(&self) -> Result<()> {
        self.preload.fill_disk(false)?;
        self.shift_clock(0)?;
        if !self.redis.running() {
            self.redis.start_again().await?;
        }
        self.recover().await
    }

    pub(super) fn shift_clock(&self, seconds: i64) -> Result<()> {
        self.preload.shift_clock(seconds)
    }

    /// Why neither the clock nor the disk of Postgres can be harmed, if so.
    pub(super) async fn disobeys(&self) -> Option<String> {
        let missing = self.preload.is_missing_in(self.postgres.pid()?).await;
        missing.then(|| "Postgres does not load a preloaded library".to_owned())
    }

    /// Waits until Postgres writes again. A server that could not write its log has restarted all its processes, or ended
    /// when it could not do even that.
    async fn recover(&self) -> Result<()> {
        for _ in 0..3 {
            if !self.postgres.running() {
                self.postgres.start_again().await?;
            }
            let writes = eventually(START, || async {
                !self.postgres.running() || self.writes().await
            });
            writes
                .await
                .with_context(|| format!("Postgres does not recover: {}", self.postgres.log()))?;
            if self.postgres.running() {
                return Ok(());
            }
        }
        bail!("Postgres does not stay up: {}", self.postgres.log())
    }

    async fn writes(&self) -> bool {
        let Ok(mut connection) = PgConnection::connect(&self.database).await else {
            return false;
        };
        connection.execute("CHECKPOINT").await.is_ok()
    }
}
