//! `services/outbox.rs`: callbacks are leased, sent, then deleted (P13).

use super::{Asked, Service};
use crate::{
    store::{Origin, Reply, Request},
    times::{MS, OUTBOX_BUSY, OUTBOX_IDLE, SECOND},
    world::World,
};

impl World<'_> {
    pub(super) fn leased(&mut self, n: usize, reply: Option<Reply>) {
        let Some(Reply::Outbox(rows)) = reply else {
            return self.pass_after(n, Service::Outbox, OUTBOX_IDLE);
        };
        if rows.is_empty() {
            return self.pass_after(n, Service::Outbox, OUTBOX_IDLE);
        }
        for (origin, state) in rows {
            let lasts = self.dice.between(MS, SECOND);
            let taken = self.is_calm() || self.dice.permille(800);
            if let Some(leading) = self.schedulers[n].leading.as_mut() {
                leading.posting.insert(origin, state);
            }
            self.pass_after(n, Service::Posted { origin, taken }, lasts);
        }
    }

    /// The receiver has the callback; its row goes when all of the batch are back.
    pub(super) fn posted(&mut self, n: usize, origin: Origin, taken: bool) {
        let Some(leading) = self.schedulers[n].leading.as_mut() else {
            return;
        };
        let Some(state) = leading.posting.remove(&origin) else {
            return;
        };
        if taken {
            leading.posted.push(origin);
        }
        let sent = leading
            .posting
            .is_empty()
            .then(|| std::mem::take(&mut leading.posted));
        if taken {
            self.checks.called_back(origin, state, self.now);
            self.note(format_args!("a callback tells that {} ended", origin.0));
        }
        if let Some(sent) = sent {
            self.ask_in_term(n, Asked::Delete, Request::DeleteOutbox(sent));
        }
    }

    pub(super) fn deleted(&mut self, n: usize) {
        self.pass_after(n, Service::Outbox, OUTBOX_BUSY);
    }
}
