//! What goes wrong, and how often: drawn from the seed before anything happens, over before the quiet.

use crate::{
    Micros,
    ids::{OpId, Role},
    queue::Hint,
    times::{CALM, MS, SECOND},
    world::{Event, SCHEDULERS, Signal, WORKERS, World},
};

/// Chances in a thousand, for one seed.
#[derive(Debug, Default)]
pub(crate) struct Weather {
    /// An operation's outcome stays unknown to its caller.
    pub(crate) unknown: u32,
    pub(crate) slow: u32,
    pub(crate) stalls: u32,
    pub(crate) hints_lost: u32,
    pub(crate) hints_doubled: u32,
    pub(crate) hints_delayed: u32,
    /// A worker is killed or paused when it has just sent a write.
    pub(crate) strikes: u32,
    /// An answer of the API does not reach its caller.
    pub(crate) answers_lost: u32,
    pub(crate) store_down_until: Micros,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    Crash(Role),
    Pause(Role, Micros),
    /// The process cannot reach the store.
    CutOff(Role, Micros),
    /// A worker is stopped in good order, with this grace.
    Drain(usize, Micros),
    /// The database restarts: what is under way is rolled back.
    Outage(Micros),
    FlushQueue,
    QueueDown(Micros),
    /// Hints that nobody sent, for runs and epochs as they are.
    StrayHints,
    /// The store's clock is set forward or back.
    StoreClock(Micros),
    ApiClock(Micros),
}

/// Clocks are never set farther off than this.
const CLOCK: Micros = 30 * SECOND;

impl World<'_> {
    pub(crate) fn plan_faults(&mut self) {
        let dice = &mut self.dice;
        // One seed in eight has no faults but the planned ones, one is rough in everything.
        let mut level = |most: u32| match dice.index(4) {
            0 => 0,
            1 => most / 4,
            2 => most / 2,
            _ => most,
        };
        self.weather = Weather {
            unknown: level(120),
            slow: level(200),
            stalls: level(8),
            hints_lost: level(400),
            hints_doubled: level(300),
            hints_delayed: level(300),
            strikes: level(80),
            answers_lost: level(200),
            store_down_until: 0,
        };
        let count = self.dice.index(14);
        for _ in 0..count {
            let at = self.dice.between(SECOND, CALM - SECOND);
            let fault = self.any_fault(CALM - at);
            self.at(at, Event::Fault(fault));
        }
        // Clocks are put right when the quiet begins.
        self.at(CALM, Event::Fault(Fault::StoreClock(0)));
        self.at(CALM, Event::Fault(Fault::ApiClock(0)));
    }

    /// Over within `left`.
    fn any_fault(&mut self, left: Micros) -> Fault {
        let dice = &mut self.dice;
        let role = match dice.index(8) {
            0 => Role::Api,
            1 | 2 => Role::Scheduler(dice.index(SCHEDULERS)),
            _ => Role::Worker(dice.index(WORKERS)),
        };
        let kind = dice.index(17);
        let long = dice.between(200 * MS, 25 * SECOND).min(left);
        let short = dice.between(50 * MS, 6 * SECOND).min(left);
        let clock = dice.between(-CLOCK, CLOCK);
        match kind {
            0..=3 => Fault::Crash(role),
            4..=6 => Fault::Pause(role, long),
            7 | 8 => Fault::CutOff(role, long),
            9 | 10 => Fault::Drain(dice.index(WORKERS), short / 2),
            11 => Fault::Outage(short),
            12 => Fault::FlushQueue,
            13 => Fault::QueueDown(short),
            14 => Fault::StrayHints,
            15 => Fault::StoreClock(clock),
            _ => Fault::ApiClock(clock),
        }
    }

    pub(crate) fn strike(&mut self, fault: Fault) {
        self.note(format_args!("fault: {fault:?}"));
        let now = self.now;
        match fault {
            Fault::Crash(role) => {
                self.hold_up(role);
                self.stop(role, "is killed");
            }
            Fault::Pause(role, long) => {
                self.hold_up(role);
                self.lives.entry(role).or_default().paused_until = now + long;
            }
            Fault::CutOff(role, long) => self.lives.entry(role).or_default().cut_until = now + long,
            Fault::Drain(n, grace) => self.drain(n, grace),
            Fault::Outage(long) => self.outage(long),
            Fault::FlushQueue => self.queue.waiting.clear(),
            Fault::QueueDown(long) => {
                self.queue.down_until = now + long;
                self.after(long, Event::Hints);
            }
            Fault::StrayHints => self.stray_hints(),
            Fault::StoreClock(ahead) => {
                self.checks.clock(self.store.wall(now));
                self.store.ahead = ahead;
                self.checks.clock(self.store.wall(now));
            }
            Fault::ApiClock(ahead) => self.api_ahead = ahead,
        }
    }

    fn drain(&mut self, n: usize, grace: Micros) {
        let who = self.workers[n].who;
        self.tell(who, 0, Signal::Drain);
        self.tell(who, grace, Signal::Hurry);
    }

    /// The worker has just sent a write: its process may end there, or sleep, while the write is under way.
    pub(crate) fn may_strike(&mut self, role: Role) {
        if self.is_calm() || !self.dice.permille(self.weather.strikes) {
            return;
        }
        let soon = self.dice.between(0, 3 * MS);
        let long = self.dice.between(SECOND, 25 * SECOND);
        let fault = if self.dice.permille(500) {
            Fault::Crash(role)
        } else {
            Fault::Pause(role, long.min(CALM - self.now))
        };
        self.after(soon, Event::Fault(fault));
    }

    /// Half of what the process has sent is still on its way for long.
    fn hold_up(&mut self, role: Role) {
        let sent: Vec<OpId> = self
            .store
            .ops
            .iter()
            .filter(|(_, op)| op.who.role == role)
            .map(|(id, _)| *id)
            .collect();
        for op in sent {
            if self.dice.permille(500) {
                // Half of those until about when the process is given up: that is when it matters.
                let near = self.dice.permille(500);
                let (least, most) = if near { (10, 16) } else { (0, 25) };
                let delay = self.dice.between(least * SECOND, most * SECOND);
                self.held_up.insert(op, self.now + delay);
            }
        }
    }

    fn outage(&mut self, long: Micros) {
        let under_way: Vec<OpId> = self.store.ops.keys().copied().collect();
        for op in under_way {
            self.roll_back(op);
        }
        self.weather.store_down_until = self.now + long;
    }

    fn stray_hints(&mut self) {
        let rows = self.store.live.scan(u64::MAX);
        let hints: Vec<Hint> = rows
            .map(|(run, row)| Hint {
                run,
                epoch: row.epoch,
            })
            .collect();
        for hint in hints {
            self.arrive(hint);
        }
    }
}
