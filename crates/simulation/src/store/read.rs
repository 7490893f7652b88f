//! Reads of one statement.

use super::{Beat, Op, Reply, Request, State, Store};
use crate::ids::{RunId, Who};

impl Store {
    pub(super) fn read(&self, op: &Op) -> Reply {
        match &*op.request {
            Request::InboxCounts(runs) => Reply::Pairs(self.counts(op, runs)),
            Request::InboxAfter(run, n) => Reply::Inbox(self.inbox_of(op.snapshot, *run, *n)),
            Request::Owned(worker) => Reply::Pairs(self.owned(op, *worker)),
            Request::NextTimer => {
                let due = self.timers.scan(op.snapshot).map(|(_, row)| row.due).min();
                Reply::NextTimer(due, op.now)
            }
            Request::Ready { floor } => Reply::Ready(self.ready(op, *floor), op.now),
            _ => Reply::Beats(self.beats(op), op.now),
        }
    }

    /// Of runs held under these epochs.
    fn counts(&self, op: &Op, runs: &[(RunId, i32)]) -> Vec<(RunId, i32)> {
        let count = |(run, epoch): &(RunId, i32)| {
            let row = self.live.at(op.snapshot, *run)?;
            (row.state == State::Running && row.epoch == *epoch).then_some((*run, row.inbox))
        };
        runs.iter().filter_map(count).collect()
    }

    fn owned(&self, op: &Op, worker: Who) -> Vec<(RunId, i32)> {
        let rows = self
            .live
            .scan(op.snapshot)
            .filter(|(_, row)| row.state == State::Running);
        let ours = rows.filter(|(_, row)| row.ready && row.worker == Some(worker));
        ours.map(|(run, row)| (run, row.epoch)).collect()
    }

    fn ready(&self, op: &Op, floor: Option<RunId>) -> Vec<(RunId, i32)> {
        let rows = self
            .live
            .scan(op.snapshot)
            .filter(|(_, row)| row.state == State::Pending && row.ready);
        let above = rows.filter(|(run, _)| floor.is_none_or(|floor| *run > floor));
        above.map(|(run, row)| (run, row.epoch)).collect()
    }

    fn beats(&self, op: &Op) -> Vec<Beat> {
        let alive = self.workers.scan(op.snapshot).filter(|(_, row)| row.alive);
        let beat = |(worker, row): (Who, &std::rc::Rc<super::rows::Worker>)| Beat {
            worker,
            beats: row.beats,
            last: row.beat_at,
        };
        alive.map(beat).collect()
    }
}
