//! What a checker says.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// Counterexamples kept of one verdict; all are counted.
const KEPT: usize = 10;

/// What can be wrong, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bug {
    /// A run was accepted and is not there.
    LostRun,
    /// A run is there that nobody asked for.
    MadeUpRun,
    /// One idempotency key started two runs, or two keys one.
    DoubleStart,
    /// A key stood for another request than its first, or was said to without cause.
    WrongConflict,
    /// A good request was refused for ever.
    WrongRefusal,
    /// A run has not ended.
    UnendedRun,
    /// A run ended twice, or its end has changed.
    DoubleEnd,
    /// A run faulted by nothing in its document.
    UnexpectedFault,
    /// The end was not told to who asked for it.
    LostCallback,
    /// An outcome was committed by a claim that had been followed by another.
    StaleEpochOutcome,
    /// A journal tells of an outcome that the effect server never gave to this run.
    MadeUpOutcome,
    /// Calls came under more claims than the run had.
    UnknownEpoch,
    /// Two calls with one key at once, and neither has a lower epoch.
    OverlapWithoutLowerEpoch,
    /// One claim had two holders.
    TwoHolders,
    /// A step's key differs between its calls, or two steps share one.
    UnstableKey,
    /// A journal lacks a step, or tells one twice.
    JournalGap,
    /// A journal told otherwise of what it had told before.
    ChangedJournal,
    /// A due time started two runs.
    DoubledTick,
    /// A due time started no run.
    MissingTick,
    /// A tick was started for a time that is not due.
    MadeUpTick,
    /// A timer went off, or a run began, before its time.
    EarlyTimer,
    /// A cancel was taken and came to nothing.
    DroppedCancel,
    /// An event was taken and did not reach its run.
    DroppedEvent,
    /// An event reached its run twice, or one that was not meant for it.
    WrongEvent,
    /// Less urgent runs overtook a more urgent one beyond the bound.
    Starvation,
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = serde_json::to_value(self).map_err(|_| fmt::Error)?;
        f.write_str(name.as_str().unwrap_or_default())
    }
}

/// How a verdict stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Checked, nothing found.
    Held,
    /// Something was found.
    Violated,
    /// There was nothing to check.
    Unchecked,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterexample {
    /// What is wrong.
    pub bug: Bug,
    /// The run, key or schedule.
    pub subject: String,
    /// What was seen.
    pub what: String,
}

/// What a checker says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// The checker's name.
    pub check: String,
    /// What it checks, in a sentence.
    pub promise: String,
    /// How it stands.
    pub standing: Standing,
    /// How many things were looked at.
    pub checked: u64,
    /// More figures.
    pub figures: BTreeMap<String, u64>,
    /// How many counterexamples there are.
    pub violations: u64,
    /// The first of them.
    pub counterexamples: Vec<Counterexample>,
}

impl Verdict {
    pub(super) fn new(check: &str, promise: &str) -> Self {
        Self {
            check: check.to_owned(),
            promise: promise.to_owned(),
            standing: Standing::Unchecked,
            checked: 0,
            figures: BTreeMap::new(),
            violations: 0,
            counterexamples: Vec::new(),
        }
    }

    /// Something was looked at.
    pub(super) fn look(&mut self) {
        self.checked += 1;
        if self.standing == Standing::Unchecked {
            self.standing = Standing::Held;
        }
    }

    /// Counts under a name.
    pub(super) fn count(&mut self, name: &str, more: u64) {
        *self.figures.entry(name.to_owned()).or_default() += more;
    }

    /// Keeps the largest of a figure.
    pub(super) fn most(&mut self, name: &str, figure: u64) {
        let most = self.figures.entry(name.to_owned()).or_default();
        *most = figure.max(*most);
    }

    /// Something is wrong.
    pub(super) fn found(&mut self, bug: Bug, subject: &str, what: String) {
        self.standing = Standing::Violated;
        self.violations += 1;
        if self.counterexamples.len() < KEPT {
            self.counterexamples.push(Counterexample {
                bug,
                subject: subject.to_owned(),
                what,
            });
        }
    }

    /// The bugs found, for tests.
    #[cfg(test)]
    pub(super) fn bugs(&self) -> Vec<Bug> {
        self.counterexamples.iter().map(|example| example.bug).collect()
    }
}
