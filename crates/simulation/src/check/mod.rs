//! Checkers over the history. They keep books of their own from what is committed, called and answered; nothing in the
//! simulated product asks them.

mod books;
mod calls;
mod end;
mod judge;

use std::{collections::BTreeMap, fmt, rc::Rc};

use levqor_engine::{Entry, Env, Machine, RunInfo};

use crate::{
    Documents, Micros, documents,
    evaluate::Remembering,
    ids::{OpId, RunId, Who, Wish},
    store::{EndState, InboxKind, Request},
};

/// What is checked, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Checker {
    /// Every accepted run ends exactly once: none twice, and none is left when the faults are over.
    EndedOnce,
    /// A worker's write commits only while that worker holds the run under that epoch.
    StaleWrite,
    /// Journal rows are numbered without gaps, never change, and are in the packed journal of the end.
    Journal,
    /// A fresh machine over the committed journal comes to the same state and outcome.
    Replay,
    /// A call begins only when a fresh machine over the committed journal asks for it.
    EffectBeforeCommit,
    /// A worker has one write of a run in flight, however often it repeats it.
    OneWriteInFlight,
    /// Calls with one key overlap only when the older is of a lower epoch and its worker has not beaten for a whole lease.
    Overlap,
    /// The idempotency key of a step is one over attempts and crashes, and no other step's.
    KeyPerStep,
    /// What is acknowledged or in the inbox is folded before the run parks or ends.
    InboxDropped,
    /// No timer fires, and no run with a start time begins, before the store's clock has shown that time.
    TimerEarly,
    /// A request makes one run, however often it is repeated.
    OneRunPerRequest,
    /// An end puts one callback into the outbox, which is sent at least once, after the commit.
    CallbackOncePerEnd,
    /// A worker is declared dead only after a whole lease without a beat.
    LeaseCutShort,
    /// No write of a scheduler commits under an older term.
    StaleTerm,
}

impl fmt::Display for Checker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A rule that was broken.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Who found it.
    pub checker: Checker,
    /// Microseconds since the beginning.
    pub at: i64,
    /// What happened.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) = (self.at / 1_000_000, self.at % 1_000_000);
        write!(f, "{} at {seconds}.{micros:06} s: {}", self.checker, self.detail)
    }
}

/// What is known of a run.
struct Book {
    document: usize,
    wish: Wish,
    /// `run_at`.
    due: Option<Micros>,
    created_at: Micros,
    holder: Option<(i32, Who)>,
    /// Committed rows, with the epoch of each.
    rows: Vec<(i32, Rc<[u8]>, Vec<Entry>)>,
    /// Their fold.
    shadow: Machine,
    inbox: Vec<InboxKind>,
    ends: u32,
    state: Option<EndState>,
    callbacks: u32,
    called_back: u32,
}

/// A write on its way.
#[derive(Clone, Debug, PartialEq)]
struct Writing {
    kind: u8,
    seq: i32,
    inbox: Option<i32>,
    body: Option<Rc<[u8]>>,
}

#[derive(Default)]
pub(crate) struct Checks {
    books: BTreeMap<RunId, Book>,
    by_wish: BTreeMap<Wish, Vec<RunId>>,
    acknowledged: BTreeMap<Wish, RunId>,
    term: i64,
    /// The true time of each worker's last beat.
    beats: BTreeMap<Who, Micros>,
    /// The latest time that the store's clock has shown.
    shown: Micros,
    writing: BTreeMap<(Who, RunId, i32), Vec<Writing>>,
    key_of_step: BTreeMap<(RunId, String), String>,
    step_of_key: BTreeMap<String, (RunId, String)>,
    pub(crate) violations: Vec<Violation>,
}

/// What a fresh machine needs, and the true time.
pub(crate) type Means<'a> = (Micros, &'a Remembering, &'a Documents);

/// More say nothing new.
const MOST_VIOLATIONS: usize = 50;

impl Checks {
    pub(crate) fn found(&mut self, checker: Checker, at: Micros, detail: String) {
        if self.violations.len() < MOST_VIOLATIONS {
            self.violations.push(Violation { checker, at, detail });
        }
    }

    /// The store's clock shows this, or has just been set to it.
    pub(crate) fn clock(&mut self, wall: Micros) {
        self.shown = self.shown.max(wall);
    }

    /// A worker sends a write: another one of the same run and epoch must have been answered.
    pub(crate) fn wrote(&mut self, op: OpId, who: Who, request: &Request, now: Micros) {
        for (run, epoch, writing) in writes(request) {
            let open = self.writing.entry((who, run, epoch)).or_default();
            if open.contains(&writing) {
                continue;
            }
            let beside = !open.is_empty();
            open.push(writing);
            if beside {
                let detail = format!("{who} sends #{} for {run}@{epoch} beside another write", op.0);
                self.found(Checker::OneWriteInFlight, now, detail);
            }
        }
    }

    /// Its fate is known.
    pub(crate) fn answered(&mut self, who: Who, request: &Request) {
        for (run, epoch, writing) in writes(request) {
            if let Some(open) = self.writing.get_mut(&(who, run, epoch)) {
                open.retain(|other| *other != writing);
            }
        }
    }

    pub(crate) fn died(&mut self, who: Who) {
        self.writing.retain(|(writer, ..), _| *writer != who);
    }
}

fn writes(request: &Request) -> Vec<(RunId, i32, Writing)> {
    let writing = |kind, seq, inbox, body: Option<&Rc<[u8]>>| Writing {
        kind,
        seq,
        inbox,
        body: body.cloned(),
    };
    match request {
        Request::Append(all) => {
            let one =
                |one: &crate::store::Append| (one.run, one.epoch, writing(0, one.seq, None, Some(&one.body)));
            all.iter().map(one).collect()
        }
        Request::Park(all) => {
            let one = |one: &crate::store::Park| {
                (
                    one.run,
                    one.epoch,
                    writing(1, one.seq, Some(one.inbox), one.body.as_ref()),
                )
            };
            all.iter().map(one).collect()
        }
        Request::End(all) => {
            let one = |one: &crate::store::End| {
                (
                    one.run,
                    one.epoch,
                    writing(2, one.seq, Some(one.inbox), Some(&one.journal)),
                )
            };
            all.iter().map(one).collect()
        }
        _ => Vec::new(),
    }
}

/// A machine that knows nothing of the run but its input.
fn fresh(documents: &Documents, run: RunId, document: usize, wish: Wish, created_at: Micros) -> Machine {
    let info = RunInfo {
        id: run.text(),
        input: documents::input(wish.0),
        created_at,
    };
    Machine::new(documents.get(document), info)
}

/// A clock that has not come to any deadline.
fn timeless(evaluator: &Remembering) -> Env<'_> {
    Env {
        evaluator,
        now: Micros::MIN,
        random: 0,
        max_entries: usize::MAX,
    }
}
