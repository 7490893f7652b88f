//! `services/relay.rs`: feeds the queue from the backlog. One priority only.

use super::{Asked, Service, accepted_at};
use crate::{
    Micros,
    ids::RunId,
    store::{Reply, Request},
    times::{RELAY_BUSY, RELAY_FRESH, RELAY_IDLE, RELAY_LOST, RELAY_RESCAN},
    world::World,
};

#[derive(Default)]
pub(super) struct Relay {
    floor: Option<RunId>,
    rescanned: Option<Micros>,
    asked: Option<Micros>,
}

impl World<'_> {
    pub(super) fn relay_pass(&mut self, n: usize) {
        let (now, down) = (self.now, self.queue.down_until > self.now);
        let waiting = self.queue.waiting.len();
        let Some(leading) = self.schedulers[n].leading.as_mut() else {
            return;
        };
        let relay = &mut leading.relay;
        let age = relay.rescanned.map_or(Micros::MAX, |at| now - at);
        if age >= RELAY_RESCAN || (waiting == 0 && age >= RELAY_LOST) {
            relay.floor = None;
            relay.rescanned = Some(now);
        }
        let rests = waiting == 0 && relay.asked.is_some_and(|at| now - at < RELAY_LOST);
        if down || rests {
            return self.pass_after(n, Service::Relay, RELAY_IDLE);
        }
        relay.asked = Some(now);
        let floor = relay.floor;
        self.ask_in_term(n, Asked::Ready, Request::Ready { floor });
    }

    pub(super) fn backlog_known(&mut self, n: usize, reply: Option<Reply>) {
        let Some(Reply::Ready(mut ready, now)) = reply else {
            return self.pass_after(n, Service::Relay, RELAY_IDLE);
        };
        ready.retain(|(run, _)| accepted_at(*run) > now || accepted_at(*run) + RELAY_FRESH <= now);
        let pushed = !ready.is_empty() && self.push(&ready);
        if let (true, Some((last, _)), Some(leading)) =
            (pushed, ready.last(), &mut self.schedulers[n].leading)
        {
            leading.relay.floor = Some(*last);
        }
        self.pass_after(n, Service::Relay, if pushed { RELAY_BUSY } else { RELAY_IDLE });
    }
}
