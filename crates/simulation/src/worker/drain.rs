//! `worker/src/handle.rs`: a stop in good order. Grace for calls, then they are cancelled, runs given back, the name too.

use std::rc::Rc;

use super::{Asked, Stage};
use crate::{
    batcher::Batcher,
    store::{Reply, Request},
    times::{AFTER_GRACE, MS},
    world::{Signal, World},
};

impl World<'_> {
    pub(super) fn begin_drain(&mut self, n: usize) {
        if self.workers[n].stage == Stage::Working {
            let who = self.workers[n].who;
            self.note(format_args!("{who} drains"));
            self.tally.add("workers drained");
            self.workers[n].stage = Stage::Draining;
            self.look_at_all(n);
        }
    }

    /// The grace is over.
    pub(super) fn hurry(&mut self, n: usize) {
        if self.workers[n].stage != Stage::Draining {
            return;
        }
        self.workers[n].stage = Stage::Hurrying;
        self.look_at_all(n);
        let idle = self.workers[n].tasks.is_empty();
        self.tell(
            self.workers[n].who,
            if idle { 0 } else { AFTER_GRACE },
            Signal::Abort,
        );
    }

    /// Drops every task where it stands; what waits for a commit is still committed.
    pub(super) fn abort_tasks(&mut self, n: usize) {
        let who = self.workers[n].who;
        self.drop_calls(who);
        let worker = &mut self.workers[n];
        worker.stage = Stage::Aborted;
        worker.tasks.clear();
        worker.holds.clear();
        worker.claiming.clear();
        worker.tickets.clear();
        let idle = worker.lanes.iter().all(Batcher::is_idle);
        self.tell(who, if idle { 0 } else { AFTER_GRACE }, Signal::Leave);
    }

    /// Gives back every row that still names it; not for longer than a few seconds.
    pub(super) fn leave_store(&mut self, n: usize) {
        let who = self.workers[n].who;
        if self.workers[n].stage == Stage::Aborted {
            self.workers[n].stage = Stage::Leaving;
            for lane in &mut self.workers[n].lanes {
                lane.flights.clear();
            }
            self.tell(who, AFTER_GRACE, Signal::Exit);
        }
        let op = self.ask(who, Rc::new(Request::Owned(who)));
        self.workers[n].asked.insert(op, Asked::LeaveOwned);
    }

    pub(super) fn leave_owned(&mut self, n: usize, reply: Option<Reply>) {
        let who = self.workers[n].who;
        let Some(Reply::Pairs(owned)) = reply else {
            return self.tell(who, 100 * MS, Signal::Leave);
        };
        let mut runs = std::mem::take(&mut self.workers[n].releases);
        runs.extend(owned);
        let op = self.ask(who, Rc::new(Request::Release(runs.into_iter().collect())));
        self.workers[n].asked.insert(op, Asked::LeaveRelease);
    }

    pub(super) fn leave_released(&mut self, n: usize, reply: Option<Reply>) {
        let who = self.workers[n].who;
        let Some(Reply::Pairs(released)) = reply else {
            return self.tell(who, 100 * MS, Signal::Leave);
        };
        self.push(&released);
        let op = self.ask(who, Rc::new(Request::Retire(who)));
        self.workers[n].asked.insert(op, Asked::Retire);
    }
}
