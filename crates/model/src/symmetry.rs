//! Workers have no names that matter: a state and the one in which two of them have changed places are one.
//!
//! Only the hash is taken of the representative. The checker knows states by their hash and reaches each by the steps that led
//! to the first of its kind, so that a counterexample names the same worker throughout.

use std::hash::{Hash, Hasher};

use crate::{
    state::State,
    statement::{Client, Op, Statement},
    tables::Live,
};

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let mut order: Vec<usize> = (0..self.workers.len()).collect();
        order.sort_by_key(|index| (&self.workers[*index], self.owns(*index), self.sends(*index)));
        let new = |worker: u8| {
            let place = order.iter().position(|index| *index == usize::from(worker));
            place.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
        };
        for index in &order {
            self.workers[*index].hash(hasher);
        }
        for run in &self.runs {
            run.hash(hasher);
            run.live
                .as_ref()
                .and_then(|live| live.worker)
                .map(new)
                .hash(hasher);
        }
        let mut statements: Vec<_> = self.statements.iter().map(|own| renamed(own, new)).collect();
        statements.sort_unstable();
        statements.hash(hasher);
        (&self.hints, &self.requests, &self.mail).hash(hasher);
        (
            self.due,
            self.jumped,
            self.owes_pass,
            &self.faults,
            self.begun,
            self.broken,
        )
            .hash(hasher);
    }
}

impl State {
    fn owns(&self, worker: usize) -> Vec<bool> {
        let owner = |worker: u8| usize::from(worker);
        let live = self
            .runs
            .iter()
            .map(|run| run.live.as_ref().and_then(|live| live.worker));
        live.map(|own| own.map(owner) == Some(worker)).collect()
    }

    fn sends(&self, worker: usize) -> Vec<bool> {
        let by = |statement: &Statement| match (&statement.client, &statement.op) {
            (Client::Worker(of), _) | (_, Op::Claim { worker: of, .. }) => usize::from(*of) == worker,
            _ => false,
        };
        self.statements.iter().map(by).collect()
    }
}

fn renamed(statement: &Statement, new: impl Fn(u8) -> u8) -> Statement {
    let mut statement = statement.clone();
    if let Client::Worker(worker) = &mut statement.client {
        *worker = new(*worker);
    }
    if let Op::Claim { worker, .. } = &mut statement.op {
        *worker = new(*worker);
    }
    statement
}

/// Without its worker, whose name does not matter.
impl Hash for Live {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let counters = (self.epoch, self.seq, self.inbox, self.seen);
        (self.state, self.ready, counters, self.token, self.parked).hash(hasher);
    }
}
