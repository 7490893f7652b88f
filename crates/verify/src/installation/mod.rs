//! What is verified: an installation of our own made of child processes, or one that runs elsewhere.

mod embedded;
mod fleet;
mod health;
mod member;
mod outside;

use std::{path::PathBuf, time::Duration};

use anyhow::{Result, bail};

use self::{embedded::Embedded, fleet::Fleet, member::Member, outside::Outside};
use crate::faults::{Fault, Kind, Role};

/// Longest a start may take.
const START: Duration = Duration::from_mins(1);

/// How an installation of our own is made.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The `levqor` program.
    pub binary: PathBuf,
    /// Processes of each role; an embedded installation is one process.
    pub apis: usize,
    /// See [`Settings::apis`].
    pub workers: usize,
    /// The leader and its standbys.
    pub schedulers: usize,
    /// `LEVQOR_…` variables of every process.
    pub environment: Vec<(String, String)>,
}

impl Settings {
    /// One API, two workers, two schedulers; the shortest lease; calls to loopback addresses allowed.
    pub fn new(binary: PathBuf) -> Self {
        let environment = [
            ("LEVQOR_SECRET_KEY", "5e".repeat(32)),
            ("LEVQOR_ALLOW_LOOPBACK", "true".to_owned()),
            ("LEVQOR_WORKER_LEASE", "4".to_owned()),
            ("LEVQOR_LOG", "warn,levqor=info".to_owned()),
        ];
        Self {
            binary,
            apis: 1,
            workers: 2,
            schedulers: 2,
            environment: environment.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        }
    }
}

/// Whether a fault was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is under way, or over if it does not last.
    Done,
    /// It is not possible here; why.
    Skipped(String),
}

/// A process of an installation as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// What it does.
    pub role: Role,
    /// Its process id; none between its end and the next start.
    pub pid: Option<u32>,
    /// Whether it says that it is ready, its database and its queue included.
    pub ready: bool,
}

/// An installation under test. Its processes and servers end when it is dropped.
pub struct Installation(Inner);

enum Inner {
    Fleet(Box<Fleet>),
    Embedded(Box<Embedded>),
    Outside(Outside),
}

impl Installation {
    /// Roles as processes on a Postgres (fsync on) and a Redis of their own, each behind proxies of its own.
    pub async fn fleet(settings: &Settings) -> Result<Self> {
        Ok(Self(Inner::Fleet(Box::new(Fleet::start(settings).await?))))
    }

    /// `levqor up` on a new folder.
    pub async fn embedded(settings: &Settings) -> Result<Self> {
        Ok(Self(Inner::Embedded(Box::new(Embedded::start(settings).await?))))
    }

    /// One that is not ours, with the shell command that does each fault the operator allows: it gets the fault's name in
    /// `FAULT` and its length in `FAULT_SECONDS`, and the fault is over when it ends.
    pub fn outside(url: &str, key: &str, commands: Vec<(Kind, String)>) -> Self {
        Self(Inner::Outside(Outside::new(url, key, commands)))
    }

    /// URLs of the APIs, without a slash at the end.
    pub fn apis(&self) -> &[String] {
        match &self.0 {
            Inner::Fleet(fleet) => fleet.apis(),
            Inner::Embedded(embedded) => embedded.apis(),
            Inner::Outside(outside) => outside.apis(),
        }
    }

    /// The API key.
    pub fn key(&self) -> &str {
        match &self.0 {
            Inner::Fleet(fleet) => fleet.key(),
            Inner::Embedded(embedded) => embedded.key(),
            Inner::Outside(outside) => outside.key(),
        }
    }

    /// Kinds of faults that make sense here.
    pub fn kinds(&self) -> Vec<Kind> {
        let possible: fn(Kind) -> bool = match &self.0 {
            Inner::Fleet(_) => |_| true,
            Inner::Embedded(_) => embedded::is_possible,
            Inner::Outside(outside) => return outside.kinds(),
        };
        Kind::all().into_iter().filter(|kind| possible(*kind)).collect()
    }

    /// The fault as it is done here: one process has one clock, which is the store's too.
    pub(crate) fn fit(&self, fault: Fault) -> Fault {
        match &self.0 {
            Inner::Embedded(_) => fault.on_all(),
            Inner::Fleet(_) | Inner::Outside(_) => fault,
        }
    }

    /// Does it.
    pub(crate) async fn begin(&self, fault: &Fault) -> Result<Begun> {
        match &self.0 {
            Inner::Fleet(fleet) => fleet.begin(fault).await,
            Inner::Embedded(embedded) => embedded.begin(fault).await,
            Inner::Outside(outside) => outside.begin(fault),
        }
    }

    /// Undoes what [`Installation::begin`] did.
    pub(crate) async fn end(&self, fault: &Fault) -> Result<()> {
        match &self.0 {
            Inner::Fleet(fleet) => fleet.end(fault).await,
            Inner::Embedded(embedded) => embedded.end(fault).await,
            Inner::Outside(outside) => outside.end(fault).await,
        }
    }

    /// Undoes everything, whatever is under way, and waits until every role is ready.
    pub async fn heal(&self, limit: Duration) -> Result<()> {
        match &self.0 {
            Inner::Fleet(fleet) => fleet.heal(limit).await,
            Inner::Embedded(embedded) => embedded.heal(limit).await,
            Inner::Outside(outside) => outside.heal(limit).await,
        }
    }

    /// Processes that ended though nobody asked them to, each with the last lines it wrote.
    pub fn exits(&self) -> Vec<String> {
        match &self.0 {
            Inner::Fleet(fleet) => fleet.exits(),
            Inner::Embedded(embedded) => embedded.exits(),
            Inner::Outside(_) => Vec::new(),
        }
    }

    /// Processes of ours; none of an installation elsewhere.
    pub async fn processes(&self) -> Vec<Running> {
        let members = match &self.0 {
            Inner::Fleet(fleet) => fleet.members().collect(),
            Inner::Embedded(embedded) => vec![embedded.member()],
            Inner::Outside(_) => Vec::new(),
        };
        futures::future::join_all(members.into_iter().map(Member::look)).await
    }
}

/// Not a fault of this installation; [`Installation::kinds`] says which are.
fn not_here<T>(fault: &Fault) -> Result<T> {
    bail!("{fault} cannot be done here")
}
