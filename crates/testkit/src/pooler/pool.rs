//! The server sessions of one user, database and set of parameters.

use std::{collections::VecDeque, sync::Arc};

use anyhow::{Context, Result};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{server::Server, startup::Parameters};

#[derive(Debug)]
pub(super) struct Pool {
    upstream: u16,
    parameters: Parameters,
    /// One for each session that may be in use; clients wait for them in turn.
    permits: Arc<Semaphore>,
    sessions: Mutex<Sessions>,
}

#[derive(Debug)]
struct Sessions {
    idle: VecDeque<Server>,
    /// Sessions that may still be opened.
    closed: usize,
    next: u64,
    /// Sessions below this number are closed when they come back.
    oldest: u64,
}

impl Pool {
    pub(super) fn new(upstream: u16, servers: usize, parameters: Parameters) -> Self {
        let sessions = Sessions {
            idle: VecDeque::new(),
            closed: servers,
            next: 1,
            oldest: 1,
        };
        Self {
            upstream,
            parameters,
            permits: Arc::new(Semaphore::new(servers)),
            sessions: Mutex::new(sessions),
        }
    }

    /// A session for one transaction: another than `last` if there is one that nobody uses.
    pub(super) async fn take(self: &Arc<Self>, last: Option<u64>) -> Result<Lease> {
        let permit = Arc::clone(&self.permits).acquire_owned().await?;
        let (server, number) = self.sessions.lock().pick(last);
        let mut lease = Lease {
            server,
            pool: Arc::clone(self),
            back: false,
            _permit: permit,
        };
        if lease.server.is_none() {
            let connecting = Server::connect(self.upstream, number, &self.parameters);
            lease.server = Some(connecting.await.context("open a server session")?);
        }
        Ok(lease)
    }

    pub(super) fn reconnect(&self) {
        let mut sessions = self.sessions.lock();
        sessions.closed += sessions.idle.len();
        sessions.idle.clear();
        sessions.oldest = sessions.next;
    }
}

impl Sessions {
    /// An idle session, or the number of the one to open. All are opened before one is used again, so that a client
    /// that takes turns with itself does not come back to where it was.
    fn pick(&mut self, last: Option<u64>) -> (Option<Server>, u64) {
        let number = self.next;
        if self.closed > 0 {
            self.closed -= 1;
            self.next += 1;
            return (None, number);
        }
        let other = self.idle.iter().position(|server| Some(server.number) != last);
        (self.idle.remove(other.unwrap_or(0)), number)
    }
}

/// A session while a client uses it. One that is dropped without [`Lease::give_back`] is closed, because nobody knows
/// what state it is in.
#[derive(Debug)]
pub(super) struct Lease {
    server: Option<Server>,
    pool: Arc<Pool>,
    back: bool,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    pub(super) fn server(&mut self) -> Result<&mut Server> {
        self.server.as_mut().context("a lease without a session")
    }

    /// The transaction is over.
    pub(super) fn give_back(mut self) {
        let mut sessions = self.pool.sessions.lock();
        let kept = self.server.take_if(|server| server.number >= sessions.oldest);
        self.back = kept.is_some();
        sessions.idle.extend(kept);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.back {
            self.pool.sessions.lock().closed += 1;
        }
    }
}
