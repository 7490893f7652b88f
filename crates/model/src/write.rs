//! What each statement writes under its locks.

use crate::{
    bug::Bug,
    promise::Promise,
    protocol::Protocol,
    state::{Batch, State},
    statement::{Answer, Client, Op, Past, Phase, Statement, WriteFate},
    tables::{Ended, Entry, Item, JournalRow, Live, RunState},
};

impl Protocol {
    /// P2: all that is inserted follows from the token.
    pub(crate) fn intake(&self, state: &mut State, run: u8, statement: &Statement) {
        let ready = state.due;
        let row = state.run_mut(run);
        let fresh = !row.token || self.has(Bug::IntakeWithoutToken);
        // The id is unique in `live` whatever the token says.
        if fresh && row.live.is_none() {
            row.live = Some(Live::new(ready));
            row.timer = !ready;
            row.starts += 1;
        }
        row.token = true;
        self.answer(state, statement, Answer::Done);
    }

    /// P2, P4, P7. `seen`: the run was live in the snapshot.
    pub(crate) fn deliver(
        &self,
        state: &mut State,
        (message, attempt): (u8, u8),
        seen: bool,
        statement: &Statement,
    ) {
        let (run, kind) = self.bounds.messages[usize::from(message)];
        if state.mail[usize::from(message)].batch.is_some() && !self.has(Bug::DeliverWithoutToken) {
            let phase = Phase::Second(0, 0);
            if statement.client == Client::Api {
                state.put(Statement {
                    phase,
                    ..statement.clone()
                });
            }
            return;
        }
        let row = state.run_mut(run);
        let woke = seen && row.live.is_some();
        if woke {
            row.live.iter_mut().for_each(Live::wake);
            row.inbox.push((kind, message));
        }
        state.mail[usize::from(message)].batch = Some(Batch { woke, attempt });
        self.answer(state, statement, Answer::Delivered(woke));
    }

    /// Takes the row; journal and inbox are read after the commit (P6).
    pub(crate) fn claim(&self, state: &mut State, statement: &Statement, seen: &[Item]) {
        let Op::Claim {
            run, worker, token, ..
        } = statement.op
        else {
            return;
        };
        let row = state.run_mut(run);
        let Some(live) = &mut row.live else { return };
        if live.state == RunState::Pending && (live.epoch == 0 || !self.has(Bug::ClaimWithoutEpoch)) {
            live.epoch += 1;
        }
        live.state = RunState::Running;
        live.worker = Some(worker);
        live.token = Some(token);
        let (epoch, seq, folded) = (live.epoch, live.seq, live.inbox);
        if statement.client == Client::Nobody {
            return;
        }
        if self.has(Bug::ClaimInOneSnapshot) {
            let (journal, inbox) = (row.entries(), seen.to_vec());
            let past = Past {
                epoch,
                seq,
                journal,
                inbox,
                folded,
            };
            self.answer(state, statement, Answer::Claimed(Some(past)));
        } else {
            let phase = Phase::Second(seq, folded);
            state.put(Statement {
                phase,
                ..statement.clone()
            });
        }
    }

    /// A fenced write, or a release.
    pub(crate) fn write(&self, state: &mut State, statement: &Statement) {
        match &statement.op {
            Op::Append { run, epoch, body, .. } => {
                fence(state, *run, *epoch);
                journal(state, *run, *epoch, body);
            }
            Op::Park {
                run,
                epoch,
                seen,
                body,
                ..
            } => {
                fence(state, *run, *epoch);
                if !body.is_empty() {
                    journal(state, *run, *epoch, body);
                }
                park(state, *run, *epoch, *seen);
            }
            Op::End { run, epoch, .. } => {
                fence(state, *run, *epoch);
                end(state, *run, &statement.op);
            }
            Op::Release { run, .. } => {
                state.run_mut(*run).live.iter_mut().for_each(Live::free);
                return;
            }
            _ => return,
        }
        self.answer(state, statement, Answer::Written(WriteFate::Committed));
    }
}

/// The promise behind P3, told from the row as it is and not as the statement found it.
fn fence(state: &mut State, run: u8, epoch: u8) {
    let live = state.run(run).live.as_ref();
    if !live.is_some_and(|live| live.state == RunState::Running && live.epoch == epoch) {
        state.breaks(Promise::NoStaleCommit);
    }
}

fn journal(state: &mut State, run: u8, epoch: u8, body: &[Entry]) {
    let run = state.run_mut(run);
    if let Some(live) = &mut run.live {
        live.seq += 1;
        let row = JournalRow {
            seq: live.seq,
            epoch,
            body: body.to_vec(),
        };
        run.journal.push(row);
    }
}

fn park(state: &mut State, run: u8, epoch: u8, seen: u8) {
    if let Some(live) = &mut state.run_mut(run).live {
        live.state = RunState::Waiting;
        live.ready = false;
        live.worker = None;
        live.token = None;
        live.parked = Some(epoch);
        live.seen = seen;
    }
}

/// The live row and all that hangs on it go, one row of `ended` comes.
fn end(state: &mut State, run: u8, op: &Op) {
    let Op::End {
        epoch,
        state: end_state,
        journal,
        folded,
        after,
        ..
    } = op
    else {
        return;
    };
    let row = state.run_mut(run);
    let kept = journal.starts_with(&row.entries());
    row.live = None;
    row.journal.clear();
    row.inbox.clear();
    row.timer = false;
    row.ended.push(Ended {
        state: *end_state,
        epoch: *epoch,
        journal: journal.clone(),
        folded: folded.clone(),
        after: *after,
    });
    if !kept {
        state.breaks(Promise::Journal);
    }
}
