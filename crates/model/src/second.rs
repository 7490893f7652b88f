//! Second statements: what a claim reads after its commit (P6), and what asks why a first one wrote nothing (P3).

use crate::{
    bug::Bug,
    protocol::Protocol,
    state::State,
    statement::{Answer, Op, Past, Phase, WriteFate},
    tables::{Ended, Entry, Item, JournalRow, Live, Run, RunState},
};

impl Protocol {
    /// The second statement.
    pub(crate) fn read(&self, state: &mut State, at: usize) {
        let statement = state.statements.remove(at);
        let Phase::Second(seq, inbox) = statement.phase else {
            return;
        };
        let answer = match &statement.op {
            Op::Deliver { message, .. } => Answer::Delivered(self.was_delivered(state, *message)),
            Op::Claim { run, epoch, .. } => {
                let row = state.run(*run);
                let held = if self.has(Bug::ClaimWithoutEpoch) {
                    1
                } else {
                    epoch + 1
                };
                let counters = (held, seq, inbox);
                Answer::Claimed(whole(
                    row.entries(),
                    row.journal.len(),
                    row.inbox.clone(),
                    counters,
                ))
            }
            op => Answer::Written(self.fate(state, op)),
        };
        self.answer(state, &statement, answer);
    }

    /// What a delivery made again says.
    fn was_delivered(&self, state: &State, message: u8) -> bool {
        let (run, _) = self.bounds.messages[usize::from(message)];
        let run = state.run(run);
        let Some(batch) = state.mail[usize::from(message)].batch else {
            return false;
        };
        if run.live.is_some() || !self.has(Bug::RepeatedDeliveryByTime) {
            return batch.woke;
        }
        run.ended
            .iter()
            .any(|ended| ended.after & bit(message, batch.attempt) != 0)
    }

    /// Why a fenced write changed no row (P3): it is there already, the inbox alone has moved, or the run is lost.
    fn fate(&self, state: &State, op: &Op) -> WriteFate {
        let Some(run) = op.run().map(|run| state.run(run)) else {
            return WriteFate::Fenced;
        };
        if self.is_there(run, op) {
            return WriteFate::Committed;
        }
        let (Op::Park {
            epoch, seq, inbox, ..
        }
        | Op::End {
            epoch, seq, inbox, ..
        }) = op
        else {
            return WriteFate::Fenced;
        };
        let holds = |live: &Live| live.state == RunState::Running && (live.epoch, live.seq) == (*epoch, *seq);
        let newer = run.inbox.get(usize::from(*inbox)..).unwrap_or_default();
        if newer.is_empty() || !run.live.as_ref().is_some_and(holds) {
            return WriteFate::Fenced;
        }
        WriteFate::InboxMoved(newer.to_vec())
    }

    /// Whether an earlier try of the same write committed.
    fn is_there(&self, run: &Run, op: &Op) -> bool {
        match op {
            Op::Park { epoch, body, .. } if body.is_empty() => {
                run.live.as_ref().and_then(|live| live.parked) == Some(*epoch)
            }
            Op::Append { epoch, seq, body, .. } | Op::Park { epoch, seq, body, .. } => {
                let any = self.has(Bug::AppendWithoutBytes);
                let ours = |row: &JournalRow| row.epoch == *epoch && row.body == *body;
                run.journal
                    .iter()
                    .any(|row| row.seq == seq + 1 && (any || ours(row)))
            }
            Op::End {
                epoch,
                state,
                journal,
                ..
            } => {
                let ours =
                    |ended: &Ended| (ended.epoch, ended.state, &ended.journal) == (*epoch, *state, journal);
                run.ended.iter().any(ours)
            }
            _ => false,
        }
    }
}

/// The bit of one try of a delivery.
pub(crate) const fn bit(message: u8, attempt: u8) -> u8 {
    1 << (message * 2 + attempt)
}

/// What the rows read after a claim make of it: whole, or nothing (P6).
fn whole(journal: Vec<Entry>, rows: usize, inbox: Vec<Item>, live: (u8, u8, u8)) -> Option<Past> {
    let (epoch, seq, counted) = live;
    let folded = u8::try_from(inbox.len()).unwrap_or(u8::MAX);
    (rows == usize::from(seq) && folded >= counted).then_some(Past {
        epoch,
        seq,
        journal,
        inbox,
        folded,
    })
}
