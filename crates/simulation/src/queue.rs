//! The doorbell: it loses, doubles, delays and reorders hints, is flushed, and rings for nothing.

use crate::{
    Micros,
    ids::{Role, RunId, Who},
    store::Ready,
    times::{MS, SECOND},
    world::{Event, Signal, World},
};

/// This run may be ready at this epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    pub(crate) run: RunId,
    pub(crate) epoch: i32,
}

/// The epoch in a hint for a run that is being committed.
pub(crate) const COMING: i32 = -1;

#[derive(Default)]
pub(crate) struct Queue {
    pub(crate) waiting: Vec<Hint>,
    pub(crate) down_until: Micros,
}

impl World<'_> {
    /// False when the queue does not answer.
    pub(crate) fn push(&mut self, ready: &[Ready]) -> bool {
        if self.queue.down_until > self.now {
            return false;
        }
        for (run, epoch) in ready {
            let hint = Hint {
                run: *run,
                epoch: *epoch,
            };
            let rough = !self.is_calm();
            if rough && self.dice.permille(self.weather.hints_lost) {
                self.note(format_args!("the hint {run}@{epoch} is lost"));
                self.tally.add("hints lost");
                continue;
            }
            let copies = 1 + usize::from(rough && self.dice.permille(self.weather.hints_doubled));
            for _ in 0..copies {
                if rough && self.dice.permille(self.weather.hints_delayed) {
                    let delay = self.dice.between(10 * MS, 20 * SECOND);
                    self.after(delay, Event::Late(hint));
                } else {
                    self.arrive(hint);
                }
            }
        }
        true
    }

    pub(crate) fn arrive(&mut self, hint: Hint) {
        self.queue.waiting.push(hint);
        self.look_at_queue();
    }

    /// Somebody may have a free slot, or there may be hints.
    pub(crate) fn look_at_queue(&mut self) {
        if !self.queue.waiting.is_empty() {
            let lag = self.dice.between(100, 2 * MS);
            self.after(lag, Event::Hints);
        }
    }

    /// One hint to one worker with a free slot; now and then a worker that is about to freeze has taken it.
    pub(crate) fn hand_out(&mut self) {
        if self.queue.waiting.is_empty() || self.queue.down_until > self.now {
            return;
        }
        let free: Vec<Who> = (0..self.workers.len()).filter_map(|n| self.fetches(n)).collect();
        let Some(who) = self.dice.one_of(&free) else {
            return;
        };
        let place = if self.dice.permille(100) {
            self.dice.index(self.queue.waiting.len())
        } else {
            0
        };
        let hint = self.queue.waiting.remove(place);
        let lag = self.dice.between(50, MS);
        self.tell(who, lag, Signal::Hint(hint));
        self.look_at_queue();
    }

    fn fetches(&mut self, n: usize) -> Option<Who> {
        let role = Role::Worker(n);
        let life = self.life(role);
        let frozen = self.is_paused(role) && !self.dice.permille(100);
        (life.up && !frozen && self.workers[n].has_room()).then_some(self.workers[n].who)
    }
}
