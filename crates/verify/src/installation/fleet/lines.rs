//! The lines from one process to the servers.

use anyhow::Result;
use levqor_testkit::{Fault as Harm, Proxy};

use super::servers::Servers;
use crate::faults::{Fault, Kind, Link};

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

    /// Bytes pass again; a connection that was half open stays silent.
    pub(super) fn heal(&self, link: Link) {
        self.proxy(link).heal();
    }

    /// The same for both.
    pub(super) fn heal_all(&self) {
        for link in Link::ALL {
            self.heal(link);
        }
    }

    fn proxy(&self, link: Link) -> &Proxy {
        match link {
            Link::Redis => &self.redis,
            Link::Postgres => &self.postgres,
        }
    }
}
