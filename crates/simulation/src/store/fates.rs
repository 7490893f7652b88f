//! What became of fenced writes that changed no row: found committed by an earlier try, refused because of a newer inbox
//! row, or fenced. Each look is a statement with a snapshot of its own.

use std::rc::Rc;

use super::{
    InboxRow, Op, Progress, Reply, Request, State, Store, WriteFate, locks::Lockable, table::Snapshot,
};
use crate::ids::RunId;

/// What a write compares: run, epoch, seq, and the inbox row unless it is an append.
type Compared = (RunId, i32, i32, Option<i32>);

impl Store {
    pub(super) fn fates(&self, op: &mut Op, looks: u8) -> Progress {
        let writes = compared(&op.request);
        match looks {
            0 => {
                op.done = written(op);
                if op.done.len() == writes.len() {
                    return answer(&writes, op, |_| None);
                }
                Progress::Again
            }
            1 => {
                op.done.extend(self.found(&op.request));
                Progress::Again
            }
            2 => {
                let rows = writes
                    .iter()
                    .filter_map(|(run, ..)| Some((*run, Rc::clone(self.live.latest(*run)?))));
                op.seen = rows.collect();
                let parked = Self::parked_before(op);
                op.done.extend(parked);
                Progress::Again
            }
            _ => answer(&writes, op, |write| self.newer(op, write)),
        }
    }

    /// P3: (run, seq) holds these bytes under this epoch; the run ended under it with these.
    fn found(&self, request: &Request) -> Vec<RunId> {
        let journaled = |run, epoch, seq: i32, body: &Rc<[u8]>| {
            self.journal
                .latest((run, seq + 1))
                .is_some_and(|row| row.epoch == epoch && row.body == *body)
        };
        match request {
            Request::Append(all) => {
                let done = all
                    .iter()
                    .filter(|one| journaled(one.run, one.epoch, one.seq, &one.body));
                done.map(|one| one.run).collect()
            }
            Request::Park(all) => {
                let with = all.iter().filter_map(|one| Some((one, one.body.as_ref()?)));
                let done = with.filter(|(one, body)| journaled(one.run, one.epoch, one.seq, body));
                done.map(|(one, _)| one.run).collect()
            }
            Request::End(all) => {
                let done = all.iter().filter(|one| {
                    self.ended.latest(one.run).is_some_and(|row| {
                        let same = row.epoch == one.epoch && row.state == one.state;
                        same && row.output == one.output && row.journal == one.journal
                    })
                });
                done.map(|one| one.run).collect()
            }
            _ => Vec::new(),
        }
    }

    /// A park that journaled nothing is known by the live row.
    fn parked_before(op: &Op) -> Vec<RunId> {
        let Request::Park(parks) = &*op.request else {
            return Vec::new();
        };
        let known = |run, epoch| op.seen.get(&run).is_some_and(|row| row.parked == Some(epoch));
        let done = parks
            .iter()
            .filter(|one| one.body.is_none() && known(one.run, one.epoch));
        done.map(|one| one.run).collect()
    }

    /// Newer inbox rows, when the fence holds and the inbox alone has moved.
    fn newer(&self, op: &Op, (run, epoch, seq, inbox): Compared) -> Option<Vec<InboxRow>> {
        let (row, folded) = (op.seen.get(&run)?, inbox?);
        let holds = row.state == State::Running && (row.epoch, row.seq) == (epoch, seq) && row.inbox > folded;
        holds.then(|| self.inbox_of(Snapshot::MAX, run, folded))
    }
}

fn compared(request: &Request) -> Vec<Compared> {
    match request {
        Request::Append(all) => all
            .iter()
            .map(|one| (one.run, one.epoch, one.seq, None))
            .collect(),
        Request::Park(all) => all
            .iter()
            .map(|one| (one.run, one.epoch, one.seq, Some(one.inbox)))
            .collect(),
        Request::End(all) => all
            .iter()
            .map(|one| (one.run, one.epoch, one.seq, Some(one.inbox)))
            .collect(),
        _ => Vec::new(),
    }
}

fn written(op: &Op) -> std::collections::BTreeSet<RunId> {
    let run = |row: &Lockable| match row {
        Lockable::Live(run) => Some(*run),
        _ => None,
    };
    op.kept.iter().filter_map(run).collect()
}

fn answer(writes: &[Compared], op: &Op, newer: impl Fn(Compared) -> Option<Vec<InboxRow>>) -> Progress {
    let fate = |write: &Compared| match newer(*write) {
        _ if op.done.contains(&write.0) => WriteFate::Committed,
        Some(rows) => WriteFate::InboxMoved(rows),
        None => WriteFate::Fenced,
    };
    Progress::Answer(Reply::Fates(writes.iter().map(fate).collect()))
}
