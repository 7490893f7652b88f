//! `worker/src/run/{live,row}.rs`: the loop of one run. One write in flight at a time, each under the fence; what an effect
//! depends on is committed before it begins.

use std::rc::Rc;

use levqor_engine::{Action, Call, Env, Machine, Outcome, Subscription, journal};
use serde_json::json;

use super::{
    TaskId,
    claim::item,
    task::{At, Ending, Task},
};
use crate::{
    Bug,
    batcher::{Lane, What},
    ids::RunId,
    store::{Append, End, EndState, InboxRow, Park, Timer, WriteFate},
    world::World,
};

/// Most journal entries of a run.
const MAX_ENTRIES: usize = 10_000;

impl Task {
    /// Entries not yet committed, as one row.
    fn body(&self) -> Option<Rc<[u8]>> {
        (!self.entries.is_empty()).then(|| journal::encode(&self.entries).into())
    }

    /// The whole journal with one more row, as `packed.rs` splices it.
    fn packed_with(&self, last: Option<&Rc<[u8]>>) -> Rc<[u8]> {
        let mut whole = vec![b'['];
        for row in self.packed.iter().chain(last) {
            let inner = row.get(1..row.len().saturating_sub(1)).unwrap_or_default();
            if whole.len() > 1 && !inner.is_empty() {
                whole.push(b',');
            }
            whole.extend_from_slice(inner);
        }
        whole.push(b']');
        whole.into()
    }
}

impl World<'_> {
    /// Gives the machine the clock and the evaluator.
    pub(super) fn with_env<T>(
        &mut self,
        n: usize,
        id: TaskId,
        then: impl FnOnce(&mut Machine, &Env<'_>) -> T,
    ) -> Option<T> {
        let now = self.workers[n].store_now(self.now);
        let env = Env {
            evaluator: self.evaluator,
            now,
            random: 0,
            max_entries: MAX_ENTRIES,
        };
        let task = self.workers[n].tasks.get_mut(&id)?;
        Some(then(&mut task.machine, &env))
    }

    /// Pure steps up to the next thing to do.
    pub(super) fn advance(&mut self, n: usize, id: TaskId) -> Option<Action> {
        let step = self.with_env(n, id, Machine::advance)?;
        let task = self.workers[n].tasks.get_mut(&id)?;
        task.entries.extend(step.entries);
        Some(step.action)
    }

    /// Folds inbox rows that are new to the machine.
    pub(super) fn fold(&mut self, n: usize, id: TaskId, rows: &[InboxRow]) {
        for row in rows {
            self.with_env(n, id, |machine, env| {
                if row.n > machine.inbox_folded() {
                    machine.inbox(item(row), env);
                }
            });
        }
        if let Some(task) = self.workers[n].tasks.get_mut(&id) {
            task.folded = task.machine.inbox_folded();
        }
    }

    pub(super) fn go_on_with(&mut self, n: usize, id: TaskId) {
        if let Some(action) = self.advance(n, id) {
            self.act(n, id, action);
        }
    }

    pub(super) fn act(&mut self, n: usize, id: TaskId, action: Action) {
        let Some(task) = self.workers[n].tasks.get_mut(&id) else {
            return;
        };
        let is_call = matches!(action, Action::Call(_));
        if !is_call && !task.loose.is_empty() {
            task.at = At::Settling(action);
            return;
        }
        match action {
            Action::Call(call) => self.before_call(n, id, Box::new(call)),
            Action::Park { timers, subscription } => self.park(n, id, timers, subscription),
            Action::End(outcome) => self.end(n, id, &outcome),
        }
    }

    /// Entries that come before a call are committed before it begins.
    fn before_call(&mut self, n: usize, id: TaskId, call: Box<Call>) {
        let Some(task) = self.workers[n].tasks.get_mut(&id) else {
            return;
        };
        let body = match self.bug {
            Some(Bug::EffectBeforeCommit) => None,
            _ => task.body(),
        };
        let Some(body) = body else {
            return self.enter_call(n, id, call);
        };
        let append = Append {
            run: task.run,
            epoch: task.epoch,
            seq: task.seq,
            body: Rc::clone(&body),
        };
        let run = task.run;
        if self.bug == Some(Bug::TwoAppendsInFlight) {
            task.entries.clear();
            let ticket = self.write(n, id, Lane::Appends, run, What::Append(append));
            if let Some(task) = self.workers[n].tasks.get_mut(&id) {
                task.loose.insert(ticket, body);
            }
            return self.enter_call(n, id, call);
        }
        task.at = At::Appending(body, call);
        self.write(n, id, Lane::Appends, run, What::Append(append));
    }

    fn write(&mut self, n: usize, id: TaskId, lane: Lane, run: RunId, what: What) -> u64 {
        let who = self.workers[n].who;
        let ticket = self.submit(who, lane, run, what);
        self.workers[n].tickets.insert(ticket, id);
        self.launch(who, lane);
        ticket
    }

    fn park(
        &mut self,
        n: usize,
        id: TaskId,
        timers: Vec<levqor_engine::Timer>,
        subscription: Option<Subscription>,
    ) {
        let Some(task) = self.workers[n].tasks.get_mut(&id) else {
            return;
        };
        let timer = |timer: levqor_engine::Timer| Timer {
            due: timer.due,
            body: Rc::new(timer.body),
        };
        let park = Park {
            run: task.run,
            epoch: task.epoch,
            seq: task.seq,
            body: task.body(),
            inbox: task.folded,
            timers: timers.into_iter().map(timer).collect(),
            subscription: subscription.map(subscribe),
        };
        let run = task.run;
        task.at = At::Parking;
        self.write(n, id, Lane::Parks, run, What::Park(park));
    }

    fn end(&mut self, n: usize, id: TaskId, outcome: &Outcome) {
        let Some(task) = self.workers[n].tasks.get_mut(&id) else {
            return;
        };
        task.at = At::Ending;
        let (state, output) = notice(outcome);
        let body = task.body();
        self.submit_end(n, id, state, output, body.as_ref());
    }

    fn submit_end(
        &mut self,
        n: usize,
        id: TaskId,
        state: EndState,
        output: Option<Rc<[u8]>>,
        last: Option<&Rc<[u8]>>,
    ) {
        let Some(task) = self.workers[n].tasks.get(&id) else {
            return;
        };
        let end = End {
            run: task.run,
            epoch: task.epoch,
            seq: task.seq,
            inbox: task.folded,
            state,
            output,
            journal: task.packed_with(last),
        };
        let run = task.run;
        self.write(n, id, Lane::Ends, run, What::End(end));
    }

    /// Ends the run with a fault. What its inbox says no longer matters, but the end still names the last row (P8).
    pub(super) fn end_faulted(&mut self, n: usize, id: TaskId, inbox: &[InboxRow]) {
        let Some(task) = self.workers[n].tasks.get_mut(&id) else {
            return;
        };
        let last = inbox.last().map_or(0, |row| row.n);
        task.folded = task.folded.max(last);
        task.entries.clear();
        task.at = At::EndingFaulted;
        let error = Rc::from(json!({"title": "The run cannot go on"}).to_string().into_bytes());
        self.submit_end(n, id, EndState::Faulted, Some(error), None);
    }

    /// The fate of a write.
    pub(super) fn written(&mut self, n: usize, id: TaskId, ticket: u64, fate: WriteFate) {
        let Some(task) = self.workers[n].tasks.get_mut(&id) else {
            return;
        };
        if let Some(body) = task.loose.remove(&ticket) {
            return self.loose_written(n, id, body, &fate);
        }
        match (std::mem::replace(&mut task.at, At::Between), fate) {
            (_, WriteFate::Fenced) => self.leave(n, id, Ending::Fenced),
            (At::Appending(body, call), WriteFate::Committed) => {
                task.seq += 1;
                task.packed.push(body);
                task.entries.clear();
                self.enter_call(n, id, call);
            }
            (At::Parking, WriteFate::Committed) => self.leave(n, id, Ending::Parked),
            (_, WriteFate::Committed) => self.leave(n, id, Ending::Ended(EndState::Completed)),
            (At::EndingFaulted, WriteFate::InboxMoved(rows)) => self.end_faulted(n, id, &rows),
            (_, WriteFate::InboxMoved(rows)) => {
                self.fold(n, id, &rows);
                self.go_on_with(n, id);
            }
        }
    }

    fn loose_written(&mut self, n: usize, id: TaskId, body: Rc<[u8]>, fate: &WriteFate) {
        if !matches!(fate, WriteFate::Committed) {
            return self.leave(n, id, Ending::Fenced);
        }
        let Some(task) = self.workers[n].tasks.get_mut(&id) else {
            return;
        };
        task.seq += 1;
        task.packed.push(body);
        if !task.loose.is_empty() {
            return;
        }
        match std::mem::replace(&mut task.at, At::Between) {
            At::Settling(action) => self.act(n, id, action),
            at => task.at = at,
        }
    }

    /// This worker's part in the run is over.
    pub(super) fn leave(&mut self, n: usize, id: TaskId, ending: Ending) {
        let Some(task) = self.workers[n].tasks.remove(&id) else {
            return;
        };
        if let At::Calling(running) | At::Looking(running) | At::Stopping(running, _) = &task.at {
            self.call_ends(running.id);
        }
        let who = self.workers[n].who;
        self.note(format_args!(
            "{who} leaves {}@{}: {ending:?}",
            task.run, task.epoch
        ));
        if self.workers[n].holds.get(&task.run) == Some(&id) {
            self.workers[n].holds.remove(&task.run);
        }
        if ending == Ending::Released {
            self.workers[n].releases.insert((task.run, task.epoch));
            self.flush(n);
        }
        self.look_at_queue();
    }
}

fn subscribe(subscription: Subscription) -> crate::store::Subscription {
    crate::store::Subscription {
        event_type: subscription.event_type,
    }
}

fn notice(outcome: &Outcome) -> (EndState, Option<Rc<[u8]>>) {
    match outcome {
        Outcome::Completed(output) => (EndState::Completed, Some(output.to_string().into_bytes().into())),
        Outcome::Faulted(error) => {
            let error = serde_json::to_vec(error).unwrap_or_default();
            (EndState::Faulted, Some(error.into()))
        }
        Outcome::Cancelled => (EndState::Cancelled, None),
    }
}
