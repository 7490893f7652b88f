//! What callers and receivers were told, and the verdict when all is quiet.

use super::{Checker, Checks};
use crate::{
    Micros,
    ids::{RunId, Wish},
    store::{EndState, InboxKind, Origin, State},
    world::World,
};

impl Checks {
    /// A caller was told that its request stands for this run.
    pub(crate) fn acknowledged(&mut self, wish: Wish, run: RunId, now: Micros) {
        let told = *self.acknowledged.entry(wish).or_insert(run);
        let made = self.by_wish.get(&wish).is_some_and(|runs| runs.contains(&run));
        if told != run || !made {
            let detail = format!(
                "request {} was answered with {run}, after {told}; made: {made}",
                wish.0
            );
            self.found(Checker::OneRunPerRequest, now, detail);
        }
    }

    pub(crate) fn cancel_acknowledged(&mut self, run: RunId, now: Micros) {
        let Some(book) = self.books.get(&run) else { return };
        if book.inbox.contains(&InboxKind::Cancel) {
            return;
        }
        let detail = format!("a cancel of {run} was acknowledged and never in its inbox");
        self.found(Checker::InboxDropped, now, detail);
    }

    /// A receiver was told of an end.
    pub(crate) fn called_back(&mut self, origin: Origin, state: EndState, now: Micros) {
        let Some(book) = self.books.get_mut(&origin.0) else {
            return;
        };
        book.called_back += 1;
        if book.state != Some(state) {
            let detail = format!("a callback tells that {} ended {state:?}", origin.0);
            self.found(Checker::CallbackOncePerEnd, now, detail);
        }
    }
}

impl World<'_> {
    /// Everything that should have come to an end has.
    pub(crate) fn judge(&mut self) {
        let now = self.now;
        let mut found = Vec::new();
        for (run, book) in &self.checks.books {
            let live = self.store.live.latest(*run);
            if book.ends != 1 {
                let state = live.map(|row| (row.state, row.ready, row.epoch, row.inbox));
                found.push((
                    Checker::EndedOnce,
                    format!("{run} ended {} times; live: {state:?}", book.ends),
                ));
            } else if book.called_back == 0 {
                found.push((
                    Checker::CallbackOncePerEnd,
                    format!("nobody was told that {run} ended"),
                ));
            }
            let folded = book.shadow.inbox_folded();
            if live.is_some_and(|row| row.state == State::Waiting && row.inbox > folded) {
                found.push((
                    Checker::InboxDropped,
                    format!("{run} waits and has not seen its inbox"),
                ));
            }
        }
        if !self.caller.is_content() {
            found.push((
                Checker::EndedOnce,
                "a caller is still without an answer".to_owned(),
            ));
        }
        for (checker, detail) in found {
            self.checks.found(checker, now, detail);
        }
    }
}
