//! What this process has counted since it started, for `/public/metrics`: measured, never promised.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Counters of one process.
pub(crate) struct Measured {
    started: Duration,
    requests: AtomicU64,
    server_errors: AtomicU64,
    accepted: AtomicU64,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub uptime: Duration,
    pub requests: u64,
    pub server_errors: u64,
    pub accepted: u64,
}

impl Measured {
    /// `now` is the clock's elapsed time.
    pub(crate) fn new(now: Duration) -> Self {
        Self {
            started: now,
            requests: 0.into(),
            server_errors: 0.into(),
            accepted: 0.into(),
        }
    }

    pub(crate) fn served(&self, status: u16) {
        self.requests.fetch_add(1, Relaxed);
        if status >= 500 {
            self.server_errors.fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn accepted(&self, runs: u64) {
        self.accepted.fetch_add(runs, Relaxed);
    }

    pub(crate) fn read(&self, now: Duration) -> Reading {
        Reading {
            uptime: now.saturating_sub(self.started),
            requests: self.requests.load(Relaxed),
            server_errors: self.server_errors.load(Relaxed),
            accepted: self.accepted.load(Relaxed),
        }
    }
}
