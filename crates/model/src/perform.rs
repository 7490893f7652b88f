//! What an action does.

use crate::{
    action::Action,
    bug::Bug,
    protocol::Protocol,
    state::{MailStatus, Process, RequestStatus, State, Task},
    statement::{Client, Op, Phase},
};

impl Protocol {
    pub(crate) fn perform(&self, state: &mut State, action: Action) {
        match action {
            Action::Accept(run) => {
                state.requests[usize::from(run)].status = RequestStatus::Sending;
                state.send(Client::Api, Op::Intake { run });
            }
            Action::Send(message) => {
                state.mail[usize::from(message)].status = MailStatus::Sending;
                state.send(Client::Api, Op::Deliver { message, attempt: 0 });
            }
            Action::Begin(at) => self.begin(state, at),
            Action::Commit(at) => self.commit(state, at),
            Action::Read(at) => self.read(state, at),
            Action::Relay(run) | Action::StrayHint(run) => ring(state, run, action),
            Action::Fetch(worker, hint) => fetch(state, worker, hint),
            Action::Call(worker) => self.call(state, worker),
            Action::Return(worker) => self.bring(state, worker),
            Action::Look(worker) => self.look(state, worker),
            Action::Sweep(_, run) => release(state, run),
            Action::Tick | Action::Bury(_) | Action::Rescue | Action::Due | Action::Fire => {
                self.lead(state, action);
            }
            Action::Lose(at) => self.lose(state, at),
            Action::Die(at) => {
                state.statements.remove(at);
            }
            Action::Crash(worker) => {
                state.faults.stops -= 1;
                exit(state, worker);
            }
            Action::Exit(worker) => {
                state.worker_mut(worker).alive = false;
                exit(state, worker);
            }
            Action::Pause(worker) => {
                state.faults.stops -= 1;
                state.worker_mut(worker).process = Process::Paused;
            }
            Action::Resume(worker) => resume(state, worker),
            Action::Drain(worker) => drain(state, worker),
            Action::LoseHint(at) => {
                state.faults.lost -= 1;
                state.hints.remove(at);
            }
            Action::DoubleHint(at) => {
                state.faults.doubled -= 1;
                let (run, epoch) = state.hints[at];
                state.ring(run, epoch);
            }
            Action::JumpClock => {
                state.faults.jumps -= 1;
                state.jumped = self.has(Bug::RescueByWallClock);
            }
        }
    }

    fn lead(&self, state: &mut State, action: Action) {
        match action {
            Action::Tick => tick(state),
            Action::Bury(worker) => {
                let buried = state.worker_mut(worker);
                buried.alive = false;
                buried.still = 0;
                state.owes_pass = self.has(Bug::RescueOnlyAtDeath);
            }
            Action::Rescue => {
                state.owes_pass = false;
                state.send(Client::Leader, Op::Rescue);
            }
            Action::Due => state.due = true,
            _ => state.send(Client::Leader, Op::FireTimers),
        }
    }

    /// The statement goes on alone; the client sends it again, from the first.
    fn lose(&self, state: &mut State, at: usize) {
        state.faults.unknown -= 1;
        let mut lost = state.statements.remove(at);
        let mut again = lost.clone();
        again.phase = Phase::Sent;
        if let Op::Deliver { attempt, .. } = &mut again.op {
            *attempt += u8::from(self.has(Bug::RepeatedDeliveryByTime));
        }
        state.put(again);
        if !matches!(lost.phase, Phase::Second(..)) {
            lost.client = Client::Nobody;
            state.put(lost);
        }
    }
}

/// The relay, or a queue that makes hints up, rings with the epoch that the row has now.
fn ring(state: &mut State, run: u8, action: Action) {
    if matches!(action, Action::StrayHint(_)) {
        state.faults.stray -= 1;
    }
    if let Some(live) = &state.run(run).live {
        let epoch = live.epoch;
        state.ring(run, epoch);
    }
}

fn fetch(state: &mut State, index: u8, hint: usize) {
    let (run, epoch) = state.hints.remove(hint);
    let token = free_token(state, index, run);
    state.worker_mut(index).task = Task::Claiming { run };
    let claim = Op::Claim {
        run,
        worker: index,
        epoch,
        token,
    };
    state.send(Client::Worker(index), claim);
}

/// One that no row and no statement under way has. The code draws them at random.
fn free_token(state: &State, index: u8, run: u8) -> u8 {
    let live = state.run(run).live.as_ref();
    let own = live
        .filter(|live| live.worker == Some(index))
        .and_then(|live| live.token);
    let sent = state
        .statements
        .iter()
        .filter_map(|statement| match statement.op {
            Op::Claim { worker, token, .. } if worker == index => Some(token),
            _ => None,
        });
    let taken: Vec<_> = sent.chain(own).collect();
    (0..=u8::MAX)
        .find(|token| !taken.contains(token))
        .unwrap_or(u8::MAX)
}

fn release(state: &mut State, run: u8) {
    if let Some(live) = &state.run(run).live {
        let epoch = live.epoch;
        state.send(Client::Nobody, Op::Release { run, epoch });
    }
}

/// Beats of whoever acts move; of the others they stand still.
fn tick(state: &mut State) {
    state.jumped = false;
    for worker in state.workers.iter_mut().filter(|worker| worker.alive) {
        worker.still = if worker.acts() {
            0
        } else {
            (worker.still + 1).min(2)
        };
        worker.silent |= worker.still == 2;
    }
}

/// The process is gone with all it knew; its statements are not.
fn exit(state: &mut State, index: u8) {
    let worker = state.worker_mut(index);
    worker.process = Process::Gone;
    worker.silent = false;
    worker.task = Task::Idle;
    orphan(state, index);
}

fn orphan(state: &mut State, index: u8) {
    state
        .statements
        .retain(|own| own.client != Client::Worker(index) || !matches!(own.phase, Phase::Second(..)));
    for statement in &mut state.statements {
        if statement.client == Client::Worker(index) {
            statement.client = Client::Nobody;
        }
    }
    state.statements.sort_unstable();
}

/// Its thread beats at once; whether it was declared dead it learns by [`Action::Exit`], while its tasks go on.
fn resume(state: &mut State, worker: u8) {
    let worker = state.worker_mut(worker);
    worker.process = Process::Acts;
    worker.still = 0;
}

/// A call under way is dropped. What is unsaved is lost, as after a crash.
fn drain(state: &mut State, index: u8) {
    state.faults.drains -= 1;
    let worker = state.worker_mut(index);
    if let Task::Holding(hold) = std::mem::replace(&mut worker.task, Task::Draining) {
        let (run, epoch) = (hold.run, hold.epoch);
        state.send(Client::Nobody, Op::Release { run, epoch });
    }
}
