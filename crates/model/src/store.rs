//! The store: how a statement sees, waits, compares, writes and answers.

use crate::{
    bug::Bug,
    promise::Promise,
    protocol::Protocol,
    second::bit,
    state::{MailStatus, RequestStatus, State, indices},
    statement::{Answer, Client, Op, Phase, Statement, WriteFate},
    tables::{Item, Kind, Live, RunState},
};

impl Protocol {
    /// The snapshot. A statement that finds nothing in it waits for nobody.
    pub(crate) fn begin(&self, state: &mut State, at: usize) {
        let mut statement = state.statements.remove(at);
        self.note_time(state, &mut statement.op);
        let found = match &statement.op {
            Op::Deliver { message, .. } => {
                let (run, _) = self.bounds.messages[usize::from(*message)];
                // A repeated token finds its batch whether or not the run is there.
                Some(Phase::Listed(
                    state.run(run).live.iter().map(|live| (run, live.epoch)).collect(),
                ))
            }
            Op::Rescue => Some(Phase::Listed(lost(state))),
            Op::Intake { .. } | Op::FireTimers => Some(Phase::Begun(vec![])),
            op => self
                .matches(state, op)
                .then(|| Phase::Begun(self.seen(state, op))),
        };
        match found {
            Some(phase) => state.put(Statement { phase, ..statement }),
            None => self.missed(state, statement),
        }
    }

    /// Inbox rows in the snapshot, where they are read from it.
    fn seen(&self, state: &State, op: &Op) -> Vec<Item> {
        match op {
            Op::Claim { run, .. } if self.has(Bug::ClaimInOneSnapshot) => state.run(*run).inbox.clone(),
            _ => vec![],
        }
    }

    /// Which of a delivery and an end began first, kept only where it is asked.
    fn note_time(&self, state: &mut State, op: &mut Op) {
        match op {
            _ if !self.has(Bug::RepeatedDeliveryByTime) => {}
            Op::Deliver { message, attempt } => state.begun |= bit(*message, *attempt),
            Op::End { after, .. } => *after = state.begun,
            _ => {}
        }
    }

    /// The `WHERE` of a statement about one live row.
    fn matches(&self, state: &State, op: &Op) -> bool {
        let Some(live) = op.run().and_then(|run| state.run(run).live.as_ref()) else {
            return false;
        };
        let fenced = |epoch: u8, seq: u8| {
            let running = live.state == RunState::Running || self.has(Bug::EpochWithoutState);
            running && live.epoch == epoch && live.seq == seq
        };
        match op {
            Op::Claim {
                epoch, token, worker, ..
            } => self.claimable(live, *epoch, (*worker, *token)),
            Op::Append { epoch, .. } if self.has(Bug::AppendWithoutSeq) => fenced(*epoch, live.seq),
            Op::Append { epoch, seq, .. } => fenced(*epoch, *seq),
            Op::Park {
                epoch, seq, inbox, ..
            } => fenced(*epoch, *seq) && (live.inbox == *inbox || self.has(Bug::ParkWithoutCompare)),
            Op::End {
                epoch, seq, inbox, ..
            } => fenced(*epoch, *seq) && (live.inbox == *inbox || self.has(Bug::EndWithoutCompare)),
            Op::Release { epoch, .. } => {
                let held = live.state == RunState::Running || live.state == RunState::Pending && live.ready;
                held && live.epoch == *epoch
            }
            _ => true,
        }
    }

    fn claimable(&self, live: &Live, epoch: u8, token: (u8, u8)) -> bool {
        let ready = live.ready || self.has(Bug::ClaimWithoutReady);
        let fresh = live.state == RunState::Pending && ready && live.epoch == epoch;
        let ours = live.worker == Some(token.0) && live.token == Some(token.1);
        fresh || live.state == RunState::Running && live.epoch == epoch + 1 && ours
    }

    /// Nothing was written: a fenced write asks why, anything else is over.
    fn missed(&self, state: &mut State, statement: Statement) {
        match statement.op {
            Op::Claim { .. } => self.answer(state, &statement, Answer::Claimed(None)),
            op if op.is_write() && statement.client != Client::Nobody => {
                let phase = Phase::Second(0, 0);
                state.put(Statement {
                    op,
                    phase,
                    ..statement
                });
            }
            _ => {}
        }
    }

    /// The locks, the second look at each row, the writes and the commit.
    pub(crate) fn commit(&self, state: &mut State, at: usize) {
        let statement = state.statements.remove(at);
        match (&statement.op, &statement.phase) {
            (Op::Intake { run }, _) => self.intake(state, *run, &statement),
            (Op::Deliver { message, attempt }, Phase::Listed(found)) => {
                self.deliver(state, (*message, *attempt), !found.is_empty(), &statement);
            }
            (Op::Rescue, Phase::Listed(found)) => rescue(state, found),
            (Op::FireTimers, _) => fire_timers(state),
            (Op::Claim { .. }, Phase::Begun(seen)) if self.matches(state, &statement.op) => {
                self.claim(state, &statement, seen);
            }
            (op, _) if self.writes(state, op) => self.write(state, &statement),
            _ => self.missed(state, statement),
        }
    }

    /// Whether a fenced write or a release goes through. Without the lock nothing is compared again; the key of the
    /// journal still is unique.
    fn writes(&self, state: &State, op: &Op) -> bool {
        if !self.has(Bug::UnlockedFence) || !op.is_write() {
            return !matches!(op, Op::Claim { .. }) && self.matches(state, op);
        }
        let Some(run) = op.run().map(|run| state.run(run)) else {
            return false;
        };
        match op {
            Op::Append { seq, .. } => run.live.is_some() && run.journal.iter().all(|row| row.seq != seq + 1),
            Op::Park { .. } => run.live.is_some(),
            _ => true,
        }
    }

    /// Says it to whoever still listens.
    pub(crate) fn answer(&self, state: &mut State, statement: &Statement, answer: Answer) {
        match (statement.client, &statement.op) {
            (Client::Worker(worker), op) => {
                if answer == Answer::Written(WriteFate::Fenced) && still_holds(state, op) {
                    state.breaks(Promise::FencedMeansLost);
                }
                self.tell(state, worker, op, answer);
            }
            (Client::Api, Op::Intake { run }) => {
                state.requests[usize::from(*run)].status = RequestStatus::Accepted;
            }
            (Client::Api, Op::Deliver { message, .. }) => {
                let acknowledged = answer == Answer::Delivered(true);
                let status = if acknowledged {
                    MailStatus::Acknowledged
                } else {
                    MailStatus::Refused
                };
                state.mail[usize::from(*message)].status = status;
            }
            _ => {}
        }
    }
}

/// Whether the run is running under the epoch of this write.
fn still_holds(state: &State, op: &Op) -> bool {
    let (Op::Append { run, epoch, .. } | Op::Park { run, epoch, .. } | Op::End { run, epoch, .. }) = op
    else {
        return false;
    };
    let live = state.run(*run).live.as_ref();
    live.is_some_and(|live| live.state == RunState::Running && live.epoch == *epoch)
}

/// Running rows whose worker is not alive, each with its epoch (P10).
fn lost(state: &State) -> Vec<(u8, u8)> {
    let dead = |worker: u8| !state.workers[usize::from(worker)].alive;
    let rows = indices(&state.runs).zip(&state.runs);
    let rows = rows.filter_map(|(run, row)| Some((run, row.live.as_ref()?)));
    rows.filter(|(_, live)| live.state == RunState::Running && live.worker.is_none_or(dead))
        .map(|(run, live)| (run, live.epoch))
        .collect()
}

fn rescue(state: &mut State, found: &[(u8, u8)]) {
    for (run, epoch) in found {
        if let Some(live) = &mut state.run_mut(*run).live
            && live.state == RunState::Running
            && live.epoch == *epoch
        {
            live.free();
        }
    }
}

fn fire_timers(state: &mut State) {
    for run in state.runs.iter_mut().filter(|run| run.timer) {
        run.timer = false;
        if let Some(live) = &mut run.live {
            live.wake();
            run.inbox.push((Kind::Timer, 0));
        }
    }
}
