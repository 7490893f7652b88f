//! How far a request is, for people.

use levqor_store::Timestamp;
use sea_orm::ActiveEnum;

use crate::{Request, State};

/// The state as a word, such as `collected`.
pub fn word(state: State) -> String {
    state.to_value()
}

/// The state that a word stands for.
pub fn state(word: &str) -> Option<State> {
    State::try_from_value(&word.to_owned()).ok()
}

/// How far its answer is, 0 to 100; 100 when nothing more happens to it.
pub fn percent(state: State) -> u8 {
    match state {
        State::Unverified => 0,
        State::Accepted => 10,
        State::Collected => 40,
        State::Packaged => 70,
        State::Stored => 90,
        State::Ready | State::Downloaded | State::Expired | State::Refused | State::Failed => 100,
    }
}

/// What happened so far, oldest first: a word and when.
pub fn timeline(request: &Request) -> Vec<(&'static str, Timestamp)> {
    let steps = [
        ("received", Some(request.received_at)),
        ("verified", request.verified_at),
        ("paused", request.paused_at),
        ("resumed", request.resumed_at),
        ("extended", request.extended_at),
        ("collected", request.collected_at),
        ("packaged", request.packaged_at),
        ("stored", request.stored_at),
        ("answered", request.notified_at),
        ("downloaded", request.granted_at),
        ("locked", request.locked_at),
        ("refused", request.refused_at),
        ("failed", request.failed_at),
        ("deleted", request.expired_at),
    ];
    let mut timeline: Vec<_> = steps
        .into_iter()
        .filter_map(|(what, at)| Some((what, at?)))
        .collect();
    timeline.sort_by_key(|(_, at)| *at);
    timeline
}
