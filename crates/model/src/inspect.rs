//! Promises that are read from a state.

use crate::{
    promise::Promise,
    protocol::Protocol,
    state::{MailStatus, RequestStatus, State},
    tables::{Entry, Kind, Run, RunState},
};

impl Protocol {
    /// Looks for promises that the state breaks.
    pub(crate) fn inspect(&self, state: &mut State) {
        let broken = [
            state.runs.iter().find_map(broken_run),
            self.broken_mail(state),
            outdated(state).then_some(Promise::NewestOutcome),
            (self.at_rest(state) && !all_ended(state)).then_some(Promise::Ends),
        ];
        for promise in broken.into_iter().flatten() {
            state.breaks(promise);
        }
    }

    fn broken_mail(&self, state: &State) -> Option<Promise> {
        let mail = state.mail.iter().zip(self.bounds.messages).enumerate();
        for (message, (mail, (run, kind))) in mail {
            let run = state.run(*run);
            let Some(ended) = run.ended.last().filter(|_| run.live.is_none()) else {
                continue;
            };
            let id = u8::try_from(message).unwrap_or(u8::MAX);
            let folded = ended.folded.contains(&(*kind, id));
            let cancelled = *kind != Kind::Cancel || ended.state == RunState::Cancelled;
            if mail.status == MailStatus::Acknowledged && !(folded && cancelled) {
                return Some(Promise::NothingDropped);
            }
        }
        None
    }

    /// Nothing happens any more unless something fails.
    fn at_rest(&self, state: &State) -> bool {
        if !state.statements.is_empty() {
            return false;
        }
        let mut actions = vec![];
        self.due_actions(state, &mut actions);
        actions.is_empty()
    }
}

fn all_ended(state: &State) -> bool {
    let mut runs = state.requests.iter().zip(&state.runs);
    runs.all(|(request, run)| {
        request.status != RequestStatus::Accepted || run.live.is_none() && !run.ended.is_empty()
    })
}

fn broken_run(run: &Run) -> Option<Promise> {
    if run.starts > 1 {
        return Some(Promise::OneStart);
    }
    if run.ended.len() > 1 {
        return Some(Promise::OneEnd);
    }
    if let Some(live) = &run.live {
        let numbered = run.journal.iter().zip(1..).all(|(row, seq)| row.seq == seq);
        if !numbered || run.journal.len() != usize::from(live.seq) || repeats(&run.entries()) {
            return Some(Promise::Journal);
        }
        if live.state == RunState::Waiting && live.inbox != live.seen {
            return Some(Promise::NothingDropped);
        }
        if run.inbox.len() != usize::from(live.inbox) {
            return Some(Promise::NothingDropped);
        }
    }
    let folded = run.ended.iter().map(|ended| &ended.folded);
    let mut inboxes = folded.chain([&run.inbox]);
    inboxes
        .any(|rows| repeats(rows))
        .then_some(Promise::DeliveredOnce)
}

fn repeats<T: PartialEq>(list: &[T]) -> bool {
    list.iter()
        .enumerate()
        .any(|(at, item)| list[..at].contains(item))
}

/// An outcome is committed that a holder brought who was not the newest one to call.
fn outdated(state: &State) -> bool {
    state.runs.iter().zip(&state.requests).any(|(run, request)| {
        let ended = run.ended.iter().flat_map(|ended| &ended.journal);
        let live = run.journal.iter().flat_map(|row| &row.body);
        ended.chain(live).any(|entry| match entry {
            Entry::Called(path, epoch) => request.calls[usize::from(*path)].newest > *epoch,
            Entry::Heard(_) => false,
        })
    })
}
