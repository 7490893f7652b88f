//! Names of things. They read well in a trace: `r3`, `worker1.2`, `t5`.

use std::fmt;

use crate::Micros;

/// A run, as UUIDv7 orders it: by the clock of the API that made it, then by chance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RunId {
    /// On the API's own wall clock.
    pub(crate) at: Micros,
    pub(crate) n: u32,
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.n)
    }
}

impl RunId {
    /// What it is in the machine, and so in idempotency keys.
    pub(crate) fn text(self) -> String {
        format!("run-{}", self.n)
    }
}

/// A process of one life: a restarted one is another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Who {
    pub(crate) role: Role,
    pub(crate) life: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Api,
    Worker(usize),
    Scheduler(usize),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.role {
            Role::Api => write!(f, "api.{}", self.life),
            Role::Worker(n) => write!(f, "worker{n}.{}", self.life),
            Role::Scheduler(n) => write!(f, "scheduler{n}.{}", self.life),
        }
    }
}

/// Which operation at the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OpId(pub(crate) u64);

/// Of a batch or a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Token(pub(crate) u64);

/// A caller's request: its idempotency key, when it has one, is made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wish(pub(crate) usize);

/// As in a trace.
impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// As in a trace.
impl fmt::Debug for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
