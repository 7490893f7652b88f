//! `worker/src/lease.rs`: a beat every second; without one for most of the lease no activity runs; declared dead, the
//! process forgets everything and exits.

use std::rc::Rc;

use super::{Asked, Lease, Stage};
use crate::{
    Micros,
    ids::OpId,
    store::{Reply, Request},
    times::{BEAT, DOUBT, MS, SWEEP, WATCH},
    world::{Signal, World},
};

impl World<'_> {
    pub(super) fn register(&mut self, n: usize) {
        let who = self.workers[n].who;
        let op = self.ask(who, Rc::new(Request::Register(who)));
        self.workers[n].asked.insert(op, Asked::Register);
    }

    pub(super) fn registered(&mut self, n: usize, reply: Option<&Reply>) {
        let (who, now) = (self.workers[n].who, self.now);
        if reply.is_none() {
            return self.tell(who, 300 * MS, Signal::Register);
        }
        let wall = self.store.wall(now);
        let worker = &mut self.workers[n];
        (worker.stage, worker.last_beat, worker.clock) = (Stage::Working, now, (wall, now));
        self.tell(who, 0, Signal::Beat);
        self.tell(who, DOUBT, Signal::Doubt);
        self.tell(who, WATCH, Signal::Watch);
        self.tell(who, SWEEP, Signal::Sweep);
        self.look_at_queue();
    }

    pub(super) fn beat(&mut self, n: usize) {
        let (who, sent) = (self.workers[n].who, self.now);
        let op = self.ask(who, Rc::new(Request::Beat(who)));
        self.workers[n].asked.insert(op, Asked::Beat { sent });
        self.workers[n].beating = Some(op);
        self.tell(who, DOUBT, Signal::BeatLate(op));
    }

    /// One that hangs is given up.
    pub(super) fn beat_late(&mut self, n: usize, op: OpId) {
        if self.workers[n].beating == Some(op) {
            self.workers[n].asked.remove(&op);
            self.next_beat(n, 0);
        }
    }

    fn next_beat(&mut self, n: usize, pause: Micros) {
        self.workers[n].beating = None;
        self.tell(self.workers[n].who, pause, Signal::Beat);
    }

    pub(super) fn beaten(&mut self, n: usize, sent: Micros, reply: Option<&Reply>) {
        let who = self.workers[n].who;
        match reply {
            Some(Reply::Done(false)) => {
                self.tally.add("workers told that they are dead");
                return self.stop(who.role, "was declared dead");
            }
            Some(_) => {
                self.workers[n].last_beat = sent;
                self.tell(who, DOUBT - (self.now - sent), Signal::Doubt);
                self.set_lease(n, Lease::Held);
            }
            None => {}
        }
        let pause = (BEAT - (self.now - sent)).max(0);
        self.next_beat(n, pause);
    }

    /// The patience may have ended.
    pub(super) fn doubt(&mut self, n: usize) {
        if self.now - self.workers[n].last_beat >= DOUBT {
            self.set_lease(n, Lease::Doubtful);
        }
    }

    fn set_lease(&mut self, n: usize, lease: Lease) {
        if std::mem::replace(&mut self.workers[n].lease, lease) != lease {
            let who = self.workers[n].who;
            self.note(format_args!("{who}'s lease: {lease:?}"));
            self.look_at_all(n);
        }
    }
}
