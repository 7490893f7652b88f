//! What is left of a verification: figures, verdicts, counterexamples, and what was done to the installation; signed.

mod seal;
mod table;

pub use seal::{Broken, Checked, Signer, check};
pub use table::table;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    checkers::{Standing, Verdict},
    history::{FaultPlayed, History, Outcome},
    session::{Options, Planned, Verified},
};

/// The form of reports; another number when members change their meaning.
pub const FORM: &str = "levqor verify report 1";

/// A report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// [`FORM`].
    pub form: String,
    /// Version of the program that verified.
    pub version: String,
    /// When it began (RFC 3339, this machine's clock).
    pub begun_at: String,
    /// `embedded`, `postgres-redis` or the URL.
    pub target: String,
    /// Repeats what clients chose and which faults came when.
    pub seed: u64,
    /// How long load and faults lasted, in seconds.
    pub duration_s: u64,
    /// Runs asked for each second.
    pub rate: u32,
    /// Whether every verdict holds.
    pub holds: bool,
    /// The verdicts.
    pub verdicts: Vec<Verdict>,
    /// Figures of the whole.
    pub figures: BTreeMap<String, u64>,
    /// Faults as planned.
    pub plan: Vec<Planned>,
    /// Faults as they went.
    pub faults: Vec<FaultPlayed>,
    /// Kinds of faults that were wanted and make no sense for this installation.
    pub impossible: Vec<String>,
    /// What was not checked, and why.
    pub unchecked: Vec<String>,
    /// Processes that ended though nobody asked them to, with their last lines.
    pub exits: Vec<String>,
    /// Public key that signs the report, Ed25519, in hexadecimal.
    pub public_key: String,
}

/// What the report says of where it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// Version of the program.
    pub version: &'a str,
    /// When it began.
    pub begun_at: &'a str,
    /// What was verified.
    pub target: &'a str,
}

impl Report {
    /// Of a verification, to be signed by the key.
    pub fn new(origin: Origin<'_>, options: &Options, verified: Verified, public_key: String) -> Self {
        let holds = verified
            .verdicts
            .iter()
            .all(|verdict| verdict.standing != Standing::Violated);
        Self {
            form: FORM.to_owned(),
            version: origin.version.to_owned(),
            begun_at: origin.begun_at.to_owned(),
            target: origin.target.to_owned(),
            seed: options.seed,
            duration_s: options.duration.as_secs(),
            rate: options.rate,
            holds,
            figures: figures(&verified.history),
            unchecked: unchecked(&verified),
            impossible: verified.impossible.iter().map(ToString::to_string).collect(),
            verdicts: verified.verdicts,
            plan: verified.plan,
            faults: verified.history.faults,
            exits: verified.exits,
            public_key,
        }
    }

    /// Kinds of faults, how often each was played, and why it was skipped when it never was.
    pub fn kinds(&self) -> BTreeMap<&str, (u64, Option<&str>)> {
        let mut kinds: BTreeMap<&str, (u64, Option<&str>)> = BTreeMap::new();
        for fault in &self.faults {
            let kind = kinds.entry(&fault.kind).or_default();
            match fault.outcome {
                Outcome::Played => kind.0 += 1,
                Outcome::Skipped => kind.1 = fault.reason.as_deref(),
            }
        }
        kinds
    }
}

fn figures(history: &History) -> BTreeMap<String, u64> {
    let sendings = history.starts.iter().map(|start| start.answers.len()).sum();
    let figures = [
        ("runs asked for", history.starts.len()),
        ("requests for runs", sendings),
        ("runs accepted", history.accepted().len()),
        ("runs read back", history.runs.len()),
        ("outside calls", history.calls.len()),
        ("callbacks", history.notices.len()),
        ("events sent", history.events.len()),
        ("cancels sent", history.cancels.len()),
        ("journals read", history.journals.len()),
        ("journals read before", history.readings.len()),
    ];
    figures
        .into_iter()
        .map(|(name, figure)| (name.to_owned(), figure as u64))
        .collect()
}

fn unchecked(verified: &Verified) -> Vec<String> {
    let nothing = verified
        .verdicts
        .iter()
        .filter(|verdict| verdict.standing == Standing::Unchecked);
    let nothing = nothing.map(|verdict| format!("{}: there was nothing to check", verdict.check));
    let calls = verified
        .unreachable
        .iter()
        .map(|why| format!("calls and callbacks: the installation does not reach the effect server: {why}"));
    calls.chain(nothing).collect()
}
