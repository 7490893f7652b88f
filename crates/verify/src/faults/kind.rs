//! Kinds of faults and their names, which are used on the command line and in reports and so do not change.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Processes of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// All of them at once; an embedded installation is one process that is all of them.
    All,
    /// `levqor api`
    Api,
    /// `levqor worker`
    Worker,
    /// `levqor scheduler`
    Scheduler,
}

/// The line to a server, named after the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Link {
    /// To the queue.
    Redis,
    /// To the database.
    Postgres,
}

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Kind {
    /// kill -9; it is started again at once.
    Kill(Role),
    /// SIGSTOP, later SIGCONT.
    Pause(Role),
    /// SIGTERM, the end waited for, a new start.
    Restart(Role),
    /// The queue server loses all it holds.
    RedisFlush,
    /// The queue server goes away and comes back empty.
    RedisRestart,
    /// An orderly stop of the database and a start.
    PostgresRestart,
    /// The database dies without a checkpoint, and recovers.
    PostgresCrash,
    /// Nothing passes in either direction, as with lost packets; connections stay open.
    Partition(Link),
    /// Connections are closed and new ones refused.
    Cut(Link),
    /// Latency is added in both directions.
    Slow(Link),
    /// The server's side of each connection is closed and ours stays open: it accepts and answers nothing.
    HalfOpen(Link),
    /// One way: what is sent to the server does not arrive.
    LostRequests(Link),
    /// One way: the server does what it is asked and its replies do not arrive.
    LostReplies(Link),
    /// No file of the database can grow.
    DiskFull,
    /// Clocks are ahead, then right again.
    ClockForward,
    /// Clocks are behind, then right again.
    ClockBack,
}

impl Role {
    /// All of them and each.
    pub const ALL: [Self; 4] = [Self::All, Self::Api, Self::Worker, Self::Scheduler];
}

impl Link {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Redis, Self::Postgres];
}

impl Kind {
    /// Every kind.
    pub fn all() -> Vec<Self> {
        let roles = Role::ALL
            .into_iter()
            .flat_map(|role| [Self::Kill(role), Self::Pause(role), Self::Restart(role)]);
        let servers = [
            Self::RedisFlush,
            Self::RedisRestart,
            Self::PostgresRestart,
            Self::PostgresCrash,
        ];
        let links = Link::ALL.into_iter().flat_map(Self::of_link);
        let rest = [Self::DiskFull, Self::ClockForward, Self::ClockBack];
        roles.chain(servers).chain(links).chain(rest).collect()
    }

    fn of_link(link: Link) -> [Self; 6] {
        [
            Self::Partition(link),
            Self::Cut(link),
            Self::Slow(link),
            Self::HalfOpen(link),
            Self::LostRequests(link),
            Self::LostReplies(link),
        ]
    }

    /// What it is about, a bit for each: processes of the roles, Redis, Postgres, clocks.
    pub(super) fn parts(self) -> u8 {
        match self {
            Self::Kill(role) | Self::Pause(role) | Self::Restart(role) => match role {
                Role::All => 0b00_0111,
                Role::Api => 0b00_0001,
                Role::Worker => 0b00_0010,
                Role::Scheduler => 0b00_0100,
            },
            Self::RedisFlush | Self::RedisRestart => 0b00_1000,
            Self::PostgresRestart | Self::PostgresCrash | Self::DiskFull => 0b01_0000,
            Self::ClockForward | Self::ClockBack => 0b10_0000,
            Self::Partition(link)
            | Self::Cut(link)
            | Self::Slow(link)
            | Self::HalfOpen(link)
            | Self::LostRequests(link)
            | Self::LostReplies(link) => match link {
                Link::Redis => 0b00_1000,
                Link::Postgres => 0b01_0000,
            },
        }
    }

    /// Whether it can be done to one role alone, where its name does not say.
    pub(super) fn has_victims(self) -> bool {
        matches!(self, Self::ClockForward | Self::ClockBack)
            || Link::ALL.map(Self::of_link).as_flattened().contains(&self)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::Api => "api",
            Self::Worker => "worker",
            Self::Scheduler => "scheduler",
        })
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redis => "redis",
            Self::Postgres => "postgres",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(role) => write!(f, "kill-{role}"),
            Self::Pause(role) => write!(f, "pause-{role}"),
            Self::Restart(role) => write!(f, "restart-{role}"),
            Self::RedisFlush => f.write_str("redis-flush"),
            Self::RedisRestart => f.write_str("redis-restart"),
            Self::PostgresRestart => f.write_str("postgres-restart"),
            Self::PostgresCrash => f.write_str("postgres-crash"),
            Self::Partition(link) => write!(f, "partition-{link}"),
            Self::Cut(link) => write!(f, "cut-{link}"),
            Self::Slow(link) => write!(f, "slow-{link}"),
            Self::HalfOpen(link) => write!(f, "half-open-{link}"),
            Self::LostRequests(link) => write!(f, "lost-requests-{link}"),
            Self::LostReplies(link) => write!(f, "lost-replies-{link}"),
            Self::DiskFull => f.write_str("disk-full"),
            Self::ClockForward => f.write_str("clock-forward"),
            Self::ClockBack => f.write_str("clock-back"),
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::all();
        let found = known.iter().find(|kind| kind.to_string() == name).copied();
        found.ok_or_else(|| {
            let names: Vec<_> = known.iter().map(ToString::to_string).collect();
            format!("there is no fault {name}; there are {}", names.join(", "))
        })
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        kind.to_string()
    }
}

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}
