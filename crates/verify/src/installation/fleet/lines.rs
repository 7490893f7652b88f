//! The lines from one process to the servers.

use std::time::Duration;

use anyhow::Result;
use levqor_testkit::{Fault as Harm, Proxy};
use tokio::time::sleep;

use super::servers::Servers;
use crate::faults::{Fault, Kind, Link};

/// Time for every connection to see that it is cut.
const RESET: Duration = Duration::from_millis(50);

/// A proxy before each server, for one process alone: the others can see another world.
pub(super) struct Lines {
    redis: Proxy,
    postgres: Proxy,
}

impl Lines {
    pub(super) async fn new(servers: &Servers) -> Result<Self> {
        Ok(Self {
            redis: Proxy::start(servers.redis.port()).await?,
            postgres: Proxy::start(servers.postgres.port()).await?,
        })
    }

    /// Addresses of the database and the queue on these lines.
    pub(super) fn urls(&self, servers: &Servers) -> (String, String) {
        let postgres = self.postgres.url_for(&servers.database, servers.postgres.port());
        let redis = self.redis.url_for(&servers.redis.url(), servers.redis.port());
        (postgres, redis)
    }

    pub(super) fn harm(&self, link: Link, fault: &Fault) {
        self.proxy(link).set(match fault.kind {
            Kind::Partition(_) => Harm::BlackHole,
            Kind::Cut(_) => Harm::Cut,
            Kind::Slow(_) => Harm::Slow(fault.by),
            Kind::HalfOpen(_) => Harm::HalfOpen,
            Kind::LostRequests(_) => Harm::HoldRequests,
            Kind::LostReplies(_) => Harm::HoldReplies,
            _ => Harm::None,
        });
    }

    /// Bytes pass again. What was half open is reset, as a server does with packets of a connection that it does not know.
    pub(super) async fn heal(&self, link: Link) {
        let proxy = self.proxy(link);
        if proxy.fault() == Harm::HalfOpen {
            proxy.set(Harm::Cut);
            sleep(RESET).await;
        }
        proxy.heal();
    }

    /// The same for both.
    pub(super) async fn heal_all(&self) {
        for link in Link::ALL {
            self.heal(link).await;
        }
    }

    fn proxy(&self, link: Link) -> &Proxy {
        match link {
            Link::Redis => &self.redis,
            Link::Postgres => &self.postgres,
        }
    }
}
