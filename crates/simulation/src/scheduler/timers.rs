//! `services/timers.rs`: timers that have come due go to the inboxes of their runs.

use super::{Asked, Service};
use crate::{
    store::{Reply, Request},
    times::{TIMERS_FAR, TIMERS_NEAR},
    world::World,
};

impl World<'_> {
    pub(super) fn timer_known(&mut self, n: usize, reply: Option<&Reply>) {
        let pause = match reply.cloned() {
            Some(Reply::NextTimer(Some(due), now)) if due <= now => {
                let term = self.term(n);
                return self.ask_in_term(n, Asked::Fire, Request::FireTimers { term });
            }
            Some(Reply::NextTimer(Some(due), now)) => (due - now).clamp(TIMERS_NEAR, TIMERS_FAR),
            _ => TIMERS_FAR,
        };
        self.pass_after(n, Service::Timers, pause);
    }

    pub(super) fn fired(&mut self, n: usize, reply: Option<Reply>) {
        let pause = match reply {
            Some(Reply::Ready(ready, _)) => {
                self.push(&ready);
                0
            }
            _ => TIMERS_FAR,
        };
        self.pass_after(n, Service::Timers, pause);
    }
}
