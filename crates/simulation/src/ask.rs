//! Between the processes and the store: what is slow, what is lost, what is answered with "unknown".

use std::rc::Rc;

use crate::{
    Micros,
    ids::{OpId, Who},
    store::{Op, Progress, Reply, Request},
    times::{MS, SECOND},
    world::{Event, Signal, World},
};

/// How the caller loses the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// The request never arrives.
    Refused,
    /// It is rolled back at its commit.
    Aborted,
    /// It is committed.
    Swallowed,
    /// The connection breaks while the statement goes on.
    Early,
}

impl World<'_> {
    /// Sends a request to the store.
    pub(crate) fn ask(&mut self, who: Who, request: Rc<Request>) -> OpId {
        let id = OpId(self.number());
        if !request.is_routine() {
            self.note(format_args!("{who} asks #{} {request}", id.0));
        }
        let loss = self.loss(who, &request);
        if let Some(loss) = loss {
            self.tally.lost(loss);
        }
        self.checks.wrote(id, who, &request, self.now);
        if matches!(*request, Request::Append(_) | Request::Park(_) | Request::End(_)) {
            self.may_strike(who.role);
        }
        if loss == Some(Loss::Refused) {
            let wait = self.dice.between(5 * MS, 2 * SECOND);
            self.tell(who, wait, Signal::Answer(id, None));
            return id;
        }
        if loss == Some(Loss::Early) {
            let wait = self.dice.between(MS, 50 * MS);
            self.tell(who, wait, Signal::Answer(id, None));
        }
        if let Some(loss) = loss {
            self.losses.insert(id, loss);
        }
        self.store.ops.insert(id, Op::new(who, request));
        let lag = self.lag();
        self.after(lag, Event::Step(id));
        id
    }

    fn loss(&mut self, who: Who, request: &Request) -> Option<Loss> {
        if self.weather.store_down_until > self.now || self.life(who.role).cut_until > self.now {
            return Some(Loss::Refused);
        }
        if self.is_calm() || !self.dice.permille(self.weather.unknown) {
            return None;
        }
        if request.is_read() {
            return Some(Loss::Refused);
        }
        self.dice
            .one_of(&[Loss::Refused, Loss::Aborted, Loss::Swallowed, Loss::Early])
    }

    /// How long one step on the way takes.
    fn lag(&mut self) -> Micros {
        let calm = self.is_calm();
        if !calm && self.dice.permille(self.weather.stalls) {
            return self.dice.between(SECOND, 15 * SECOND);
        }
        if !calm && self.dice.permille(self.weather.slow) {
            return self.dice.between(2 * MS, 300 * MS);
        }
        self.dice.between(50, 800)
    }

    /// One step of an operation.
    pub(crate) fn step(&mut self, id: OpId) {
        let Some(op) = self.store.ops.get(&id) else { return };
        let (who, commits) = (op.who, op.commits_next());
        if let Some(until) = self.held_up.remove(&id).filter(|until| *until > self.now) {
            return self.at(until, Event::Step(id));
        }
        if commits && self.losses.get(&id) == Some(&Loss::Aborted) {
            return self.roll_back(id);
        }
        match self.store.step(id, self.now) {
            None | Some(Progress::Waits) => {}
            Some(Progress::Again) => self.step_later(id),
            Some(Progress::Committed { facts, woken }) => {
                self.go_on(woken);
                for fact in facts {
                    self.witness(id, &fact);
                }
                if self.losses.get(&id) == Some(&Loss::Swallowed) {
                    return self.over(id, who, None);
                }
                self.step_later(id);
            }
            Some(Progress::Answer(reply)) => self.over(id, who, Some(reply)),
        }
    }

    fn step_later(&mut self, id: OpId) {
        let lag = self.lag();
        self.after(lag, Event::Step(id));
    }

    /// Those who waited for a lock try again.
    fn go_on(&mut self, woken: Vec<OpId>) {
        for op in woken {
            self.after(10, Event::Step(op));
        }
    }

    fn over(&mut self, id: OpId, who: Who, reply: Option<Reply>) {
        self.store.ops.remove(&id);
        if self.losses.remove(&id) != Some(Loss::Early) {
            let lag = self.lag();
            if let Some(reply) = &reply {
                self.tally.answered(reply);
            }
            self.tell(who, lag, Signal::Answer(id, reply));
        }
    }

    /// The transaction has no effect, and its caller does not know.
    pub(crate) fn roll_back(&mut self, id: OpId) {
        let Some(who) = self.store.ops.get(&id).map(|op| op.who) else {
            return;
        };
        let woken = self.store.abort(id);
        self.go_on(woken);
        self.note(format_args!("#{} is rolled back", id.0));
        self.over(id, who, None);
    }
}
