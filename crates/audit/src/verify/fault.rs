//! What is asked of a check, and what it says.

use levqor_store::TenantId;

/// Which chains are checked.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Only this tenant's.
    pub tenant: Option<TenantId>,
    /// Only streams of this name.
    pub stream: Option<String>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whose chain.
    pub tenant: TenantId,
    /// Which chain.
    pub stream: String,
    /// Number of the entry in it.
    pub seq: i64,
    /// What is wrong there.
    pub wrong: Wrong,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The entry's hash is not that of its header behind the entry before: one of its columns was changed.
    Header,
    /// Salt and payload are not those whose digest the header has, or only one of them was erased.
    Payload,
    /// The user's id is not the one whose pseudonym the header has.
    Subject,
    /// Entries are not there, from this one to the one with the number here.
    Missing(i64),
    /// The number is not one that a chain has.
    Number,
    /// The head has another hash than the last entry.
    Head,
    /// The head's number is lower than this entry's.
    BehindHead,
    /// The chain has entries and no head.
    NoHead,
    /// A checkpoint has another hash for this entry, or it is not there.
    Checkpoint,
}

impl Wrong {
    /// In one word, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Subject => "subject",
            Self::Missing(_) => "missing",
            Self::Number => "number",
            Self::Head => "head",
            Self::BehindHead => "behind_head",
            Self::NoHead => "no_head",
            Self::Checkpoint => "checkpoint",
        }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            Self::Header => "the entry was changed",
            Self::Payload => "salt or payload was changed",
            Self::Subject => "the user's id was changed",
            Self::Missing(until) => return write!(f, "missing, up to {until}"),
            Self::Number => "a number that no chain has",
            Self::Head => "the chain's head was changed",
            Self::BehindHead => "the chain's head stands before this entry",
            Self::NoHead => "the chain's head is missing",
            Self::Checkpoint => "not what the checkpoint has",
        };
        f.write_str(text)
    }
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Chains.
    pub chains: u64,
    /// Entries in them.
    pub entries: u64,
    /// Entries whose payload was erased.
    pub erased: u64,
    /// Faults.
    pub faults: u64,
}
