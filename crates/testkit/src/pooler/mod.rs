//! A transaction pooler before Postgres, as PgBouncer 1.21 and later is with `pool_mode=transaction` and
//! `max_prepared_statements` above 0 (<https://www.pgbouncer.org/config.html>): many clients share few server sessions.
//!
//! It is harsher than it must be: whenever another session is free, a client gets another one than last time, and
//! sessions are never reset. So a session's `SET`, lock, temporary table or LISTEN is lost to its owner and met by
//! others. It trusts everybody, as the kit's Postgres does, and speaks neither COPY nor Flush nor cancel requests.

mod batch;
mod client;
mod line;
mod pool;
mod server;
mod startup;
mod statements;

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use parking_lot::Mutex;
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};

use self::{pool::Pool, startup::Parameters, statements::Statements};
use crate::port::with_port;

/// What a pooler has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Connections of clients.
    pub clients: u64,
    /// Transactions, each on one server session from begin to end.
    pub transactions: u64,
    /// Transactions that a client ran on another session than the one before.
    pub switched: u64,
    /// Statements prepared once more, because their client met a session that did not know them.
    pub prepared_again: u64,
}

/// The pooler; it closes every connection on drop.
#[derive(Debug)]
pub struct Pooler {
    address: SocketAddr,
    pools: Arc<Pools>,
    task: JoinHandle<()>,
}

impl Pooler {
    /// Stands before the Postgres on this loopback port. Clients with the same user, database and parameters share
    /// `servers` sessions. With three and more, two things that a client does in turn meet the same one only when all
    /// others are in use.
    pub async fn start(upstream_port: u16, servers: usize) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let pools = Arc::new(Pools {
            upstream: upstream_port,
            servers,
            by_parameters: Mutex::default(),
            statements: Statements::default(),
            figures: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&pools)));
        Ok(Self { address, pools, task })
    }

    /// `url` of the server with its port replaced by the pooler's.
    pub fn url_for(&self, url: &str) -> String {
        with_port(url, self.pools.upstream, self.address.port())
    }

    /// Closes each server session as soon as nobody is in a transaction on it; PgBouncer's `RECONNECT`.
    pub fn reconnect(&self) {
        for pool in self.pools.by_parameters.lock().values() {
            pool.reconnect();
        }
    }

    /// What it has done so far.
    pub fn figures(&self) -> Figures {
        *self.pools.figures.lock()
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What all clients share.
#[derive(Debug)]
struct Pools {
    upstream: u16,
    servers: usize,
    by_parameters: Mutex<HashMap<Parameters, Arc<Pool>>>,
    statements: Statements,
    figures: Mutex<Figures>,
}

impl Pools {
    /// Sessions of these parameters. PgBouncer would set them anew on any session of the user and database.
    fn of(&self, parameters: &Parameters) -> Arc<Pool> {
        let mut pools = self.by_parameters.lock();
        let pool = pools
            .entry(parameters.clone())
            .or_insert_with(|| Arc::new(Pool::new(self.upstream, self.servers, parameters.clone())));
        Arc::clone(pool)
    }
}

async fn accept(listener: TcpListener, pools: Arc<Pools>) {
    let mut clients = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        clients.spawn(client::serve(stream, Arc::clone(&pools)));
        while clients.try_join_next().is_some() {}
    }
}
