//! Accepting runs (P2): token, keys, runs, in one statement; winners and holders of keys in a second.

use std::{collections::BTreeSet, rc::Rc};

use serde_json::json;

use super::{
    Fact, IntakeFate, NewRun, Op, Reply, State, Store,
    locks::Lockable,
    rows::{Key, Live, Timer},
};
use crate::{
    Micros,
    ids::{Token, Wish},
};

/// Of equal keys in a batch only the first goes into the statement.
fn firsts(runs: &[NewRun]) -> impl Iterator<Item = &NewRun> {
    let mut seen = BTreeSet::new();
    runs.iter().filter(move |run| !run.keyed || seen.insert(run.wish))
}

impl Store {
    pub(super) fn plan_intake(token: Token, runs: &[NewRun]) -> Vec<Lockable> {
        let keys: BTreeSet<Wish> = runs.iter().filter(|run| run.keyed).map(|run| run.wish).collect();
        let batch = std::iter::once(Lockable::Batch(token));
        batch.chain(keys.into_iter().map(Lockable::Key)).collect()
    }

    pub(super) fn accept(&mut self, op: &Op, token: Token, runs: &[NewRun]) -> Vec<Fact> {
        let (commit, at) = (self.committed, op.now);
        self.batches.put(commit, token, Some(at));
        let mut facts = Vec::new();
        for run in firsts(runs).filter(|run| !run.keyed || op.keeps(Lockable::Key(run.wish))) {
            if run.keyed {
                let key = Key {
                    run: run.id,
                    wish: run.wish,
                };
                self.keys.put(commit, run.wish, Some(key));
            }
            self.insert(run, at);
            facts.push(Fact::Accepted {
                run: run.id,
                wish: run.wish,
                document: run.document,
                due: run.run_at,
                created_at: at,
            });
        }
        facts
    }

    fn insert(&mut self, run: &NewRun, at: Micros) {
        let ready = run.run_at.is_none_or(|due| due <= at);
        let row = Live {
            document: run.document,
            input: Rc::clone(&run.input),
            state: State::Pending,
            ready,
            epoch: 0,
            seq: 0,
            inbox: 0,
            deaths: 0,
            worker: None,
            token: None,
            parked: None,
            created_at: at,
        };
        self.live.put(self.committed, run.id, Some(row));
        if let (false, Some(due)) = (ready, run.run_at) {
            let body = Rc::new(json!({"start": true}));
            let timer = Timer { due, body };
            self.timers.put(self.committed, (run.id, 0, 0, 0), Some(timer));
        }
    }

    /// As the second statement finds keys and their holders.
    pub(super) fn intake_fates(&self, op: &Op, token: Token, runs: &[NewRun]) -> Reply {
        let at = self.batches.latest(token).map_or(op.now, |at| **at);
        let fate = |run: &NewRun| {
            let accepted = IntakeFate::Accepted {
                ready: run.run_at.is_none_or(|due| due <= at),
            };
            match self.keys.latest(run.wish) {
                Some(key) if run.keyed && key.run != run.id && key.wish == run.wish => {
                    IntakeFate::Existing { run: key.run }
                }
                _ => accepted,
            }
        };
        Reply::Intake(runs.iter().map(fate).collect())
    }
}
