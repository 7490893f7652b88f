//! `worker/src/{watch,sweep,releases}.rs`: inboxes of long calls, rows that nobody here holds, runs to give back.

use std::{collections::BTreeSet, rc::Rc};

use super::{Asked, Stage, TaskId};
use crate::{
    ids::RunId,
    store::{Reply, Request},
    times::{RELEASE_PAUSE, SWEEP, WATCH},
    world::{Signal, World},
};

impl World<'_> {
    pub(super) fn watch(&mut self, n: usize) {
        let (who, now) = (self.workers[n].who, self.now);
        if self.workers[n].stage >= Stage::Aborted {
            return;
        }
        let old = |since: Option<i64>| since.is_some_and(|since| now - since >= WATCH);
        let tasks = self.workers[n]
            .tasks
            .iter()
            .filter(|(_, task)| old(task.calling_since));
        let (keys, calling): (Vec<_>, Vec<_>) = tasks
            .map(|(id, task)| ((task.run, task.epoch), (task.run, *id)))
            .unzip();
        if keys.is_empty() {
            return self.tell(who, WATCH, Signal::Watch);
        }
        let op = self.ask(who, Rc::new(Request::InboxCounts(keys)));
        self.workers[n].asked.insert(op, Asked::Counts(calling));
    }

    pub(super) fn counted(&mut self, n: usize, calling: &[(RunId, TaskId)], reply: Option<Reply>) {
        self.tell(self.workers[n].who, WATCH, Signal::Watch);
        let Some(Reply::Pairs(counts)) = reply else { return };
        for (run, id) in calling {
            let Some(task) = self.workers[n].tasks.get_mut(id) else {
                continue;
            };
            match counts.iter().find(|(counted, _)| counted == run) {
                Some((_, inbox)) => task.moved |= *inbox > task.folded,
                None => task.gone = true,
            }
            self.look(n, *id);
        }
    }

    pub(super) fn sweep(&mut self, n: usize) {
        let who = self.workers[n].who;
        if self.workers[n].stage >= Stage::Aborted {
            return;
        }
        let op = self.ask(who, Rc::new(Request::Owned(who)));
        self.workers[n].asked.insert(op, Asked::Owned);
    }

    /// Releases orphans that were suspects already: a claim whose answer is on its way looks like one once, not twice.
    pub(super) fn owned(&mut self, n: usize, reply: Option<Reply>) {
        self.tell(self.workers[n].who, SWEEP, Signal::Sweep);
        let worker = &mut self.workers[n];
        let Some(Reply::Pairs(owned)) = reply else {
            return worker.suspects.clear();
        };
        let orphans: BTreeSet<_> = owned.into_iter().filter(|(run, _)| !worker.knows(*run)).collect();
        let sure: Vec<_> = orphans.intersection(&worker.suspects).copied().collect();
        worker.suspects = orphans.difference(&worker.suspects).copied().collect();
        worker.releases.extend(sure);
        self.flush(n);
    }

    pub(super) fn flush(&mut self, n: usize) {
        let worker = &mut self.workers[n];
        if worker.flushing || worker.releases.is_empty() || worker.stage >= Stage::Leaving {
            return;
        }
        worker.flushing = true;
        let runs: Vec<_> = std::mem::take(&mut worker.releases).into_iter().collect();
        let op = self.ask(self.workers[n].who, Rc::new(Request::Release(runs.clone())));
        self.workers[n].asked.insert(op, Asked::Release(runs));
    }

    pub(super) fn released(&mut self, n: usize, runs: Vec<(RunId, i32)>, reply: Option<Reply>) {
        self.workers[n].flushing = false;
        if let Some(Reply::Pairs(released)) = reply {
            self.push(&released);
            return self.flush(n);
        }
        self.workers[n].releases.extend(runs);
        self.tell(self.workers[n].who, RELEASE_PAUSE, Signal::Flush);
    }
}
