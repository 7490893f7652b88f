//! What happens sooner or later.

use crate::{
    action::Action,
    bug::Bug,
    protocol::Protocol,
    state::{Doing, MailStatus, Process, RequestStatus, State, Task, indices},
    statement::{Client, Op, Phase, Statement},
    tables::RunState,
};

impl Protocol {
    /// What happens sooner or later. When nothing of this is left, the world is at rest.
    pub(crate) fn due_actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.callers(state, actions);
        statements(state, actions);
        self.leader(state, actions);
        for worker in indices(&state.workers) {
            self.worker(state, worker, actions);
        }
    }

    fn callers(&self, state: &State, actions: &mut Vec<Action>) {
        for (run, request) in indices(&state.requests).zip(&state.requests) {
            if request.status == RequestStatus::Unsent {
                actions.push(Action::Accept(run));
            }
        }
        for (message, (run, _)) in indices(&state.mail).zip(self.bounds.messages) {
            let accepted = state.requests[usize::from(*run)].status == RequestStatus::Accepted;
            if accepted && state.mail[usize::from(message)].status == MailStatus::Unsent {
                actions.push(Action::Send(message));
            }
        }
    }

    fn leader(&self, state: &State, actions: &mut Vec<Action>) {
        for run in indices(&state.runs) {
            let Some(live) = &state.run(run).live else {
                continue;
            };
            let waits = live.state == RunState::Pending && live.ready;
            if waits && !state.hints.contains(&(run, live.epoch)) {
                actions.push(Action::Relay(run));
            }
        }
        if state
            .workers
            .iter()
            .any(|worker| worker.alive && !worker.acts() && worker.still < 2)
        {
            actions.push(Action::Tick);
        }
        for worker in indices(&state.workers) {
            let watched = &state.workers[usize::from(worker)];
            if watched.alive && (watched.still == 2 || state.jumped && self.has(Bug::RescueByWallClock)) {
                actions.push(Action::Bury(worker));
            }
        }
        let lost = state.runs.iter().filter_map(|run| run.live.as_ref()).any(|live| {
            let dead = |worker: u8| !state.workers[usize::from(worker)].alive;
            live.state == RunState::Running && live.worker.is_none_or(dead)
        });
        let passes = !self.has(Bug::RescueOnlyAtDeath) && lost || state.owes_pass;
        if passes && !under_way(state, &Op::Rescue) {
            actions.push(Action::Rescue);
        }
        if !state.due {
            actions.push(Action::Due);
        }
        let fires = state.due && state.runs.iter().any(|run| run.timer);
        if fires && !under_way(state, &Op::FireTimers) {
            actions.push(Action::Fire);
        }
    }

    fn worker(&self, state: &State, index: u8, actions: &mut Vec<Action>) {
        let worker = &state.workers[usize::from(index)];
        if worker.process == Process::Paused {
            actions.push(Action::Resume(index));
        }
        if !worker.acts() {
            return;
        }
        if !worker.alive || worker.task == Task::Draining && !owns(state, index) {
            actions.push(Action::Exit(index));
        }
        match &worker.task {
            // One declared dead could claim again and again until it learns of it; claims under way are late enough.
            Task::Idle if worker.alive => fetch(state, index, actions),
            Task::Idle | Task::Claiming { .. } | Task::Draining => {}
            Task::Holding(hold) => match hold.doing {
                Doing::Ready(_) => actions.push(Action::Call(index)),
                Doing::Calling(_) => actions.push(Action::Return(index)),
                Doing::Writing(_) if self.has(Bug::EffectBeforeCommit) && appends(state, index) => {
                    actions.push(Action::Call(index));
                }
                Doing::Writing(_) => {}
            },
        }
        sweep(state, index, actions);
    }
}

fn statements(state: &State, actions: &mut Vec<Action>) {
    for (at, statement) in state.statements.iter().enumerate() {
        let client_acts = match statement.client {
            Client::Worker(worker) => state.workers[usize::from(worker)].acts(),
            _ => true,
        };
        match statement.phase {
            Phase::Sent => actions.push(Action::Begin(at)),
            Phase::Begun(_) | Phase::Listed(_) => actions.push(Action::Commit(at)),
            Phase::Second(..) if client_acts => actions.push(Action::Read(at)),
            Phase::Second(..) => {}
        }
    }
}

fn under_way(state: &State, op: &Op) -> bool {
    state.statements.iter().any(|statement| statement.op == *op)
}

fn appends(state: &State, index: u8) -> bool {
    let by = |own: &Statement| own.client == Client::Worker(index) && matches!(own.op, Op::Append { .. });
    state.statements.iter().any(by)
}

fn fetch(state: &State, index: u8, actions: &mut Vec<Action>) {
    for (at, hint) in state.hints.iter().enumerate() {
        if at == 0 || state.hints[at - 1] != *hint {
            actions.push(Action::Fetch(index, at));
        }
    }
}

fn owns(state: &State, index: u8) -> bool {
    let mut live = state.runs.iter().filter_map(|run| run.live.as_ref());
    live.any(|live| live.worker == Some(index))
}

fn sweep(state: &State, index: u8, actions: &mut Vec<Action>) {
    for run in indices(&state.runs) {
        let Some(live) = &state.run(run).live else {
            continue;
        };
        let owned = live.state == RunState::Running && live.worker == Some(index);
        let release = Op::Release {
            run,
            epoch: live.epoch,
        };
        let known = state.workers[usize::from(index)].knows() == Some(run);
        if owned && !known && !under_way(state, &release) {
            actions.push(Action::Sweep(index, run));
        }
    }
}
