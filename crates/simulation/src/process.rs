//! Lives of processes: they start, stop where they stand, are paused, and are cut off from the store.

use crate::{
    Micros,
    ids::{Role, Who},
    times::{MS, SECOND},
    world::{Event, World},
};

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Life {
    pub(crate) number: u32,
    pub(crate) up: bool,
    /// SIGSTOP: nothing of it moves; its monotonic clock goes on.
    pub(crate) paused_until: Micros,
    /// Its requests to the store do not arrive.
    pub(crate) cut_until: Micros,
}

impl World<'_> {
    pub(crate) fn life(&self, role: Role) -> Life {
        self.lives.get(&role).copied().unwrap_or_default()
    }

    pub(crate) fn is_paused(&self, role: Role) -> bool {
        self.life(role).paused_until > self.now
    }

    /// A new life begins with an empty memory.
    pub(crate) fn start(&mut self, role: Role) {
        if self.life(role).up {
            return;
        }
        let number = self.life(role).number + 1;
        let life = Life {
            number,
            up: true,
            ..Life::default()
        };
        self.lives.insert(role, life);
        let who = Who { role, life: number };
        self.note(format_args!("{who} starts"));
        match role {
            Role::Api => self.start_api(who),
            Role::Worker(n) => self.start_worker(n, who),
            Role::Scheduler(n) => self.start_scheduler(n, who),
        }
    }

    /// The process is gone where it stands: what it has sent may still arrive, what it would have sent never leaves.
    pub(crate) fn stop(&mut self, role: Role, how: &str) {
        let life = self.life(role);
        if !life.up {
            return;
        }
        let who = Who {
            role,
            life: life.number,
        };
        self.note(format_args!("{who} {how}"));
        self.lives.insert(role, Life { up: false, ..life });
        self.drop_calls(who);
        self.checks.died(who);
        let away = self.dice.between(50 * MS, 5 * SECOND);
        self.after(away, Event::Start(role));
    }
}
