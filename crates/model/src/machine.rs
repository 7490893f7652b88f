//! A worker's task: folds what it knows, and does what comes next.

use crate::{
    bounds::Step,
    bug::Bug,
    promise::Promise,
    protocol::Protocol,
    state::{Doing, Hold, Key, State, Task},
    statement::{Answer, Client, Op, Past, WriteFate},
    tables::{Entry, Item, Kind, RunState},
};

/// What the machine asks for.
enum Next {
    Call(u8),
    Park,
    End(RunState),
}

impl Protocol {
    /// Pure steps up to the next thing to do: a call is left to its own time, anything else is sent.
    fn advance(&self, state: &mut State, worker: u8) {
        let Some(mut hold) = state.workers[usize::from(worker)].hold().cloned() else {
            return;
        };
        match self.next(&mut hold) {
            Next::Call(path) if hold.unsaved.is_empty() => hold.doing = Doing::Ready(path),
            Next::Call(_) => self.append(state, worker, &mut hold),
            Next::Park => submit(state, worker, &mut hold, park),
            Next::End(how) => submit(state, worker, &mut hold, |hold| end(hold, how)),
        }
        state.worker_mut(worker).task = Task::Holding(hold);
    }

    /// Starts a call.
    pub(crate) fn call(&self, state: &mut State, worker: u8) {
        let Some(mut hold) = state.workers[usize::from(worker)].hold().cloned() else {
            return;
        };
        if let Next::Call(path) = self.next(&mut hold) {
            self.start_call(state, worker, &hold, path);
            hold.doing = Doing::Calling(path);
            state.worker_mut(worker).task = Task::Holding(hold);
        }
    }

    /// What a call brings names the epoch of its caller, so that no two bring the same.
    pub(crate) fn bring(&self, state: &mut State, worker: u8) {
        if let Task::Holding(hold) = &mut state.worker_mut(worker).task
            && let Doing::Calling(path) = hold.doing
        {
            hold.unsaved.push(Entry::Called(path, hold.epoch));
            self.advance(state, worker);
        }
    }

    /// Takes in what the store says to a worker.
    pub(crate) fn tell(&self, state: &mut State, worker: u8, op: &Op, answer: Answer) {
        if take_in(&mut state.worker_mut(worker).task, op, answer) {
            self.advance(state, worker);
        }
    }

    /// Folds new inbox rows during a call; a cancel ends the call.
    pub(crate) fn look(&self, state: &mut State, worker: u8) {
        let Some(hold) = state.workers[usize::from(worker)].hold() else {
            return;
        };
        let rows = state
            .run(hold.run)
            .inbox
            .get(hold.inbox.len()..)
            .unwrap_or_default()
            .to_vec();
        if let Task::Holding(hold) = &mut state.worker_mut(worker).task {
            fold(hold, rows);
            if hold.inbox.iter().any(|(kind, _)| *kind == Kind::Cancel) {
                self.advance(state, worker);
            }
        }
    }

    /// Folds; an event that came is taken as a pure step.
    fn next(&self, hold: &mut Hold) -> Next {
        if hold.inbox.iter().any(|(kind, _)| *kind == Kind::Cancel) {
            return Next::End(RunState::Cancelled);
        }
        loop {
            let done = hold.journal.len() + hold.unsaved.len();
            match self.bounds.program.get(done) {
                Some(Step::Call(path)) => return Next::Call(*path),
                None => return Next::End(RunState::Completed),
                Some(Step::Listen) => match unheard(hold) {
                    Some(row) => hold.unsaved.push(Entry::Heard(row)),
                    None => return Next::Park,
                },
            }
        }
    }

    fn append(&self, state: &mut State, worker: u8, hold: &mut Hold) {
        let mut bodies = vec![hold.unsaved.clone()];
        if self.has(Bug::TwoAppendsInFlight) {
            bodies = hold.unsaved.iter().map(|entry| vec![*entry]).collect();
        }
        let mut seq = hold.seq;
        for body in bodies {
            let (run, epoch) = (hold.run, hold.epoch);
            state.send(
                Client::Worker(worker),
                Op::Append {
                    run,
                    epoch,
                    seq,
                    body,
                },
            );
            seq += 1;
        }
        hold.doing = Doing::Writing(seq - hold.seq);
    }

    /// What the outside sees of a call, and what it must not see.
    fn start_call(&self, state: &mut State, worker: u8, hold: &Hold, path: u8) {
        let needs: Vec<_> = hold.journal.iter().chain(&hold.unsaved).copied().collect();
        if !committed(state, hold.run).starts_with(&needs) {
            state.breaks(Promise::CommitBeforeEffect);
        }
        if !state.due {
            state.breaks(Promise::NotBeforeItsTime);
        }
        overlap(state, worker, hold, path);
        let called = &mut state.requests[usize::from(hold.run)].calls[usize::from(path)];
        called.newest = called.newest.max(hold.epoch);
        let attempt = if self.has(Bug::KeyWithAttemptNumber) {
            hold.epoch
        } else {
            0
        };
        let key = Key { path, attempt };
        if *called.key.get_or_insert(key) != key {
            state.breaks(Promise::OneKey);
        }
    }
}

fn submit(state: &mut State, worker: u8, hold: &mut Hold, op: impl FnOnce(&Hold) -> Op) {
    state.send(Client::Worker(worker), op(hold));
    hold.doing = Doing::Writing(1);
}

fn hold(run: u8, past: Past) -> Hold {
    Hold {
        run,
        epoch: past.epoch,
        seq: past.seq,
        journal: past.journal,
        unsaved: vec![],
        inbox: past.inbox,
        folded: past.folded,
        doing: Doing::Writing(0),
    }
}

/// Whether the run goes on.
fn take_in(task: &mut Task, op: &Op, answer: Answer) -> bool {
    match (answer, &mut *task) {
        (Answer::Claimed(past), Task::Claiming { run }) => {
            let run = *run;
            *task = past.map_or(Task::Idle, |past| Task::Holding(hold(run, past)));
            true
        }
        (Answer::Written(WriteFate::Committed), Task::Holding(hold)) if matches!(op, Op::Append { .. }) => {
            appended(hold, op)
        }
        (Answer::Written(WriteFate::InboxMoved(rows)), Task::Holding(hold)) => {
            fold(hold, rows);
            true
        }
        (Answer::Written(_), _) => {
            *task = Task::Idle;
            false
        }
        _ => false,
    }
}

/// Moves what is committed; whether that was all that was waited for.
fn appended(hold: &mut Hold, op: &Op) -> bool {
    let Op::Append { body, .. } = op else { return false };
    hold.seq += 1;
    let saved = hold.unsaved.drain(..body.len());
    hold.journal.extend(saved);
    if let Doing::Writing(left) = &mut hold.doing {
        *left -= 1;
    }
    hold.doing == Doing::Writing(0)
}

fn fold(hold: &mut Hold, rows: Vec<Item>) {
    hold.inbox.extend(rows);
    hold.folded = number(&hold.inbox);
}

fn number(rows: &[Item]) -> u8 {
    u8::try_from(rows.len()).unwrap_or(u8::MAX)
}

/// The first event that the journal has not taken.
fn unheard(hold: &Hold) -> Option<u8> {
    let heard = |row: &u8| {
        hold.journal
            .iter()
            .chain(&hold.unsaved)
            .any(|entry| *entry == Entry::Heard(*row))
    };
    let events = (0..number(&hold.inbox)).zip(&hold.inbox);
    let mut events = events.filter(|(_, (kind, _))| *kind == Kind::Event);
    events.find(|(row, _)| !heard(row)).map(|(row, _)| row)
}

fn park(hold: &Hold) -> Op {
    Op::Park {
        run: hold.run,
        epoch: hold.epoch,
        seq: hold.seq,
        inbox: hold.folded,
        seen: number(&hold.inbox),
        body: hold.unsaved.clone(),
    }
}

fn end(hold: &Hold, state: RunState) -> Op {
    Op::End {
        run: hold.run,
        epoch: hold.epoch,
        seq: hold.seq,
        inbox: hold.folded,
        folded: hold.inbox.clone(),
        state,
        journal: hold.journal.iter().chain(&hold.unsaved).copied().collect(),
        after: 0,
    }
}

/// What the store has of a run's journal, live or ended.
fn committed(state: &State, run: u8) -> Vec<Entry> {
    let run = state.run(run);
    match run.ended.last() {
        Some(ended) if run.live.is_none() => ended.journal.clone(),
        _ => run.entries(),
    }
}

/// Other calls of this step under way.
fn overlap(state: &mut State, worker: u8, hold: &Hold, path: u8) {
    let silent = |index: usize| state.workers[index].silent;
    let mut broken = None;
    for (index, other) in state.workers.iter().enumerate() {
        let Some((run, at, epoch)) = other.calling() else {
            continue;
        };
        if index == usize::from(worker) || (run, at) != (hold.run, path) {
            continue;
        }
        let older = if epoch < hold.epoch {
            index
        } else {
            usize::from(worker)
        };
        if epoch == hold.epoch {
            broken = Some(Promise::OverlapByEpoch);
        } else if !silent(older) {
            broken = Some(Promise::OverlapAfterSilence);
        }
    }
    if let Some(promise) = broken {
        state.breaks(promise);
    }
}
