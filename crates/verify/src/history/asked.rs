//! What clients asked, and what they were answered.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a run does; names the workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One activity that does nothing.
    Noop,
    /// Three calls to the effect server, each repeated while it answers 503.
    Steps,
    /// Waits on a timer.
    Wait,
    /// Starts at a given time.
    Later,
    /// Takes two events.
    Listen,
    /// Waits so long that a cancel must end it.
    Cancel,
    /// Waits a short time; a cancel is sent at about its end.
    Race,
    /// Started many at once when all is calm.
    Burst,
    /// Started by a schedule.
    Tick,
}

impl Kind {
    /// Kinds whose runs clients start during the load.
    pub const LOAD: [Self; 7] = [
        Self::Noop,
        Self::Steps,
        Self::Wait,
        Self::Later,
        Self::Listen,
        Self::Cancel,
        Self::Race,
    ];

    /// The workflow's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Noop => "noop",
            Self::Steps => "steps",
            Self::Wait => "wait",
            Self::Later => "later",
            Self::Listen => "listen",
            Self::Cancel => "cancel",
            Self::Race => "race",
            Self::Burst => "burst",
            Self::Tick => "tick",
        }
    }
}

/// How urgent a run is, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Before all others.
    High,
    /// The default.
    Normal,
    /// After all others.
    Low,
}

impl Priority {
    /// As requests name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }
}

/// What came of one sending of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "fate")]
pub enum Fate {
    /// The run is committed, by this request or, `replayed`, by an earlier one with its key.
    Accepted {
        /// The run's id.
        run: String,
        /// The answer says that an earlier request started it.
        replayed: bool,
    },
    /// Done: 2xx to an event or a cancel.
    Done,
    /// 409.
    Conflict {
        /// The problem's code.
        code: String,
        /// The run it speaks of.
        run: Option<String>,
        /// The state that run is in.
        state: Option<String>,
    },
    /// 429 or 503: repeated later.
    Refused {
        /// The status.
        status: u16,
    },
    /// Another status of 400 to 499: given up.
    Rejected {
        /// The status.
        status: u16,
        /// The problem.
        problem: Value,
    },
    /// No answer, or one that says nothing of the outcome: repeated.
    Unknown {
        /// What was seen instead.
        what: String,
    },
}

/// One sending of a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answered {
    /// When it was sent.
    pub sent: u64,
    /// When the answer was there, or given up.
    pub at: u64,
    /// What came of it.
    #[serde(flatten)]
    pub fate: Fate,
}

/// A run asked for, under one idempotency key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Start {
    /// The idempotency key; also the member `op` of the input, by which a run tells what it was started for.
    pub key: String,
    /// Which of the API keys sent it.
    pub tenant: usize,
    /// What it does.
    pub kind: Kind,
    /// How urgent.
    pub priority: Priority,
    /// The run's input.
    pub input: Value,
    /// Not to be started before, on the store's clock.
    pub run_at: Option<i64>,
    /// A callback was asked for.
    pub callback: bool,
    /// All sendings, deliberate repeats of answered ones among them.
    pub answers: Vec<Answered>,
    /// What came of another request under the same key.
    pub clash: Option<Answered>,
    /// When the listening run was seen waiting: events from then on must reach it.
    pub waiting: Option<u64>,
}

impl Start {
    /// Ids of runs that answers named.
    pub fn runs(&self) -> impl Iterator<Item = &str> {
        self.answers.iter().filter_map(|answer| match &answer.fate {
            Fate::Accepted { run, .. } => Some(run.as_str()),
            _ => None,
        })
    }

    /// The run, once an answer named it.
    pub fn run(&self) -> Option<&str> {
        self.runs().next()
    }

    /// Whether a sending may have started a run without our knowing.
    pub fn is_open(&self) -> bool {
        let open = |fate: &Fate| {
            matches!(
                fate,
                Fate::Accepted { .. } | Fate::Unknown { .. } | Fate::Refused { status: 503 }
            )
        };
        self.answers.is_empty() || self.answers.iter().any(|answer| open(&answer.fate))
    }
}

/// An event, sent under one id until it was taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Key of the run it is meant for.
    pub op: String,
    /// Its id.
    pub id: String,
    /// 0 when it was sent before the run was asked for; else 1 or 2.
    pub n: u8,
    /// How many runs got it at once, said by the answer that took it.
    pub matched: Option<u64>,
    /// All sendings.
    pub answers: Vec<Answered>,
}

impl Event {
    /// When an answer said that it is stored.
    pub fn taken(&self) -> Option<u64> {
        let mut answers = self.answers.iter();
        answers
            .find(|answer| answer.fate == Fate::Done)
            .map(|answer| answer.at)
    }
}

/// A cancellation asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cancel {
    /// Key of the run it is meant for.
    pub op: String,
    /// The run.
    pub run: String,
    /// All sendings.
    pub answers: Vec<Answered>,
}
