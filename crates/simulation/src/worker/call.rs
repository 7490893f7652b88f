//! `worker/src/run/call.rs`: a call under way, and everything that may end it early.

use std::rc::Rc;

use levqor_engine::{Action, Call, CallResult, Machine};

use super::{
    Asked, Lease, Stage, TaskId,
    task::{At, Ending, Running, Why},
};
use crate::{
    outside::{CallId, failure},
    store::{Reply, Request},
    times::{GRACE, MS},
    world::{Signal, World},
};

impl World<'_> {
    pub(super) fn enter_call(&mut self, n: usize, id: TaskId, call: Box<Call>) {
        if self.workers[n].stage >= Stage::Draining {
            return self.leave(n, id, Ending::Released);
        }
        if self.workers[n].lease == Lease::Held {
            return self.begin_call(n, id, call);
        }
        if let Some(task) = self.workers[n].tasks.get_mut(&id) {
            task.at = At::AwaitingLease(call);
        }
    }

    fn begin_call(&mut self, n: usize, id: TaskId, call: Box<Call>) {
        let (now, who) = (self.now, self.workers[n].who);
        let Some(task) = self.workers[n].tasks.get(&id) else {
            return;
        };
        let (run, epoch) = (task.run, task.epoch);
        let call_id = self.call_out(who, run, epoch, &call);
        let started = self.workers[n].store_now(now);
        let deadline = call.deadline.map(|at| now + (at - started).max(0));
        if let Some(at) = deadline {
            self.tell(who, at - now, Signal::Deadline(id, call_id));
        }
        let Some(task) = self.workers[n].tasks.get_mut(&id) else {
            return;
        };
        task.calling_since = Some(now);
        task.at = At::Calling(Running {
            id: call_id,
            call,
            started,
            deadline,
            done: None,
        });
        // What the watch said of an earlier call still counts.
        self.look(n, id);
    }

    fn task_of(&self, n: usize, call: CallId) -> Option<TaskId> {
        let of = |at: &At| match at {
            At::Calling(running) | At::Looking(running) | At::Stopping(running, _) => running.id == call,
            _ => false,
        };
        self.workers[n]
            .tasks
            .iter()
            .find(|(_, task)| of(&task.at))
            .map(|(id, _)| *id)
    }

    pub(super) fn call_over(&mut self, n: usize, call: CallId) {
        let Some(visit) = self.call_ends(call) else { return };
        let Some(id) = self.task_of(n, call) else { return };
        let ended_at = self.workers[n].store_now(self.now);
        let Some(task) = self.workers[n].tasks.get_mut(&id) else {
            return;
        };
        let (At::Calling(running) | At::Looking(running) | At::Stopping(running, _)) = &mut task.at else {
            return;
        };
        running.done = Some(CallResult {
            started_at: running.started,
            ended_at,
            result: visit.answer.map_err(|()| failure()),
        });
        if matches!(task.at, At::Stopping(..)) {
            return self.stopped(n, id);
        }
        self.look(n, id);
    }

    pub(super) fn deadline(&mut self, n: usize, id: TaskId, _call: CallId) {
        self.look(n, id);
    }

    /// What a call is looked at for, in this order.
    pub(super) fn look(&mut self, n: usize, id: TaskId) {
        let (now, hurry) = (self.now, self.workers[n].stage >= Stage::Hurrying);
        let (draining, held) = (
            self.workers[n].stage >= Stage::Draining,
            self.workers[n].lease == Lease::Held,
        );
        let Some(task) = self.workers[n].tasks.get_mut(&id) else {
            return;
        };
        match std::mem::replace(&mut task.at, At::Between) {
            At::AwaitingLease(_) if draining => self.leave(n, id, Ending::Released),
            At::AwaitingLease(call) if held => self.begin_call(n, id, call),
            At::Calling(running) => {
                if let Some(result) = running.done {
                    task.calling_since = None;
                    self.take_result(n, id, result);
                } else if task.gone {
                    self.stop_call(n, id, running, Why::Gone);
                } else if task.moved {
                    self.read_inbox(n, id, running);
                } else if running.deadline.is_some_and(|at| at <= now) {
                    self.stop_call(n, id, running, Why::Deadline);
                } else if hurry {
                    self.stop_call(n, id, running, Why::Hurry);
                } else if !held {
                    self.stop_call(n, id, running, Why::Doubt);
                } else {
                    task.at = At::Calling(running);
                }
            }
            at => task.at = at,
        }
    }

    pub(super) fn look_at_all(&mut self, n: usize) {
        let all: Vec<TaskId> = self.workers[n].tasks.keys().copied().collect();
        for id in all {
            self.look(n, id);
        }
    }

    fn take_result(&mut self, n: usize, id: TaskId, result: CallResult) {
        self.with_env(n, id, |machine, env| machine.call_result(result, env));
        self.go_on_with(n, id);
    }

    fn read_inbox(&mut self, n: usize, id: TaskId, running: Running) {
        let Some(task) = self.workers[n].tasks.get_mut(&id) else {
            return;
        };
        task.moved = false;
        task.at = At::Looking(running);
        let request = Request::InboxAfter(task.run, task.folded);
        let op = self.ask(self.workers[n].who, Rc::new(request));
        self.workers[n].asked.insert(op, Asked::Inbox(id));
    }

    /// Folds what came; the call is stopped when the machine now wants another action.
    pub(super) fn inbox_read(&mut self, n: usize, id: TaskId, reply: Option<Reply>) {
        let Some(task) = self.workers[n].tasks.get_mut(&id) else {
            return;
        };
        let At::Looking(running) = std::mem::replace(&mut task.at, At::Between) else {
            return;
        };
        let mut other = None;
        if let Some(Reply::Inbox(rows)) = reply {
            self.fold(n, id, &rows);
            other = self.advance(n, id);
        }
        match other {
            Some(Action::Call(call)) if call.path == running.call.path => self.call_again(n, id, running),
            None => self.call_again(n, id, running),
            Some(action) => self.stop_call(n, id, running, Why::Other(Box::new(action))),
        }
    }

    fn call_again(&mut self, n: usize, id: TaskId, running: Running) {
        if let Some(task) = self.workers[n].tasks.get_mut(&id) {
            task.at = At::Calling(running);
        }
        self.look(n, id);
    }

    /// Tells the call to stop and gives it its grace: half of them come to an end soon, the rest go on till they are done
    /// or dropped.
    fn stop_call(&mut self, n: usize, id: TaskId, running: Running, why: Why) {
        let (call, done) = (running.id, running.done.is_some());
        let grace = if self.dice.permille(500) {
            self.dice.between(MS, 300 * MS)
        } else {
            GRACE
        };
        if let Some(task) = self.workers[n].tasks.get_mut(&id) {
            task.at = At::Stopping(running, why);
        }
        if done {
            return self.stopped(n, id);
        }
        self.tell(self.workers[n].who, grace, Signal::GraceOver(id, call));
    }

    pub(super) fn grace_over(&mut self, n: usize, id: TaskId, call: CallId) {
        if self.task_of(n, call) == Some(id) {
            self.call_ends(call);
            self.stopped(n, id);
        }
    }

    /// A success that came in time is not thrown away.
    fn stopped(&mut self, n: usize, id: TaskId) {
        let Some(task) = self.workers[n].tasks.get_mut(&id) else {
            return;
        };
        let At::Stopping(running, why) = std::mem::replace(&mut task.at, At::Between) else {
            return;
        };
        task.calling_since = None;
        let success = running.done.filter(|result| result.result.is_ok());
        match (why, success) {
            (Why::Gone, _) => self.leave(n, id, Ending::Fenced),
            (Why::Other(action), _) => self.act(n, id, *action),
            (Why::Deadline, _) => {
                self.with_env(n, id, Machine::time_out);
                self.go_on_with(n, id);
            }
            (Why::Hurry | Why::Doubt, Some(result)) => self.take_result(n, id, result),
            (Why::Hurry, None) => self.leave(n, id, Ending::Released),
            (Why::Doubt, None) => self.go_on_with(n, id),
        }
    }
}
