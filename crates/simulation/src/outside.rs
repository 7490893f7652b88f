//! The service that activities call: it notes who called with which key, and for how long.

use std::collections::BTreeMap;

use levqor_engine::{Call, CallFailure, CallKind};
use serde_json::Value;

use crate::{
    Bug, Micros, documents,
    ids::{RunId, Who},
    times::{MS, SECOND},
    world::{Signal, World},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CallId(pub(crate) u64);

/// One call as the service sees it.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) who: Who,
    pub(crate) run: RunId,
    pub(crate) epoch: i32,
    pub(crate) key: String,
    pub(crate) path: String,
    /// What it answers at the end.
    pub(crate) answer: Result<Value, ()>,
}

/// Calls under way.
#[derive(Default)]
pub(crate) struct Outside {
    pub(crate) open: BTreeMap<CallId, Visit>,
}

/// As a transient error of an activity comes to the machine.
pub(crate) fn failure() -> CallFailure {
    CallFailure {
        kind: "communication",
        status: 503,
        title: "Not now".to_owned(),
        detail: "the service is busy".to_owned(),
        fatal: false,
    }
}

impl World<'_> {
    /// The call leaves the worker. Its end comes as a signal.
    pub(crate) fn call_out(&mut self, who: Who, run: RunId, epoch: i32, call: &Call) -> CallId {
        let id = CallId(self.number());
        let key = match self.bug {
            Some(Bug::KeyWithAttemptNumber) => format!("{}:{}", run.text(), call.path),
            _ => call.idempotency_key.clone(),
        };
        let (takes, answer) = self.answer_of(call);
        let path = call.path.clone();
        self.note(format_args!("{who} calls {path} of {run}@{epoch} with {key}"));
        let visit = Visit {
            who,
            run,
            epoch,
            key,
            path,
            answer,
        };
        if self.outside.open.values().any(|other| other.key == visit.key) {
            self.tally.add("calls that overlap a zombie's");
        }
        self.checks.call_begins(
            &visit,
            &self.outside,
            call,
            (self.now, self.evaluator, self.documents),
        );
        self.outside.open.insert(id, visit);
        self.tell(who, takes, Signal::CallOver(id));
        id
    }

    fn answer_of(&mut self, call: &Call) -> (Micros, Result<Value, ()>) {
        let CallKind::Activity { name, .. } = &call.kind else {
            return (MS, Err(()));
        };
        let takes = match self.dice.index(10) {
            _ if name == "slow" => self.dice.between(200 * MS, 3 * SECOND),
            0..6 => self.dice.between(MS, 30 * MS),
            6..9 => self.dice.between(30 * MS, SECOND),
            _ => self.dice.between(SECOND, 8 * SECOND),
        };
        let fails = if name.ends_with("flaky") { 400 } else { 20 };
        let answer = if self.dice.permille(fails) {
            Err(())
        } else {
            Ok(documents::answer(&mut self.dice))
        };
        (takes, answer)
    }

    /// The call is over for its worker, however.
    pub(crate) fn call_ends(&mut self, id: CallId) -> Option<Visit> {
        let visit = self.outside.open.remove(&id)?;
        self.note(format_args!(
            "{}'s call {} of {}@{} is over",
            visit.who, visit.path, visit.run, visit.epoch
        ));
        Some(visit)
    }

    pub(crate) fn drop_calls(&mut self, who: Who) {
        self.outside.open.retain(|_, visit| visit.who != who);
    }
}
