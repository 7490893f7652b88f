//! When snapshots open an incident, and when they close it.

use levqor_entities::{
    status_incidents::{Impact, Model as Incident},
    status_snapshots::State,
};
use levqor_store::Timestamp;

use crate::component::label;

/// What a snapshot said of one component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// When it was measured.
    pub(crate) at: Timestamp,
    /// Length of its slot, in microseconds.
    pub(crate) length: i64,
    pub(crate) state: State,
}

/// What is to be done about a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// An incident began at this time.
    Open(Timestamp, Impact),
    /// The open one is worse than it was.
    Worsen(Impact),
    /// The open one ended at this time.
    Close(Timestamp),
}

/// Snapshots further apart than this many slots, and half a minute, are no two in a row: what was between was not seen.
const APART: i64 = 3;
const GRACE: i64 = 30_000_000;

/// Two bad snapshots in a row open an incident, from the first of them on; two good ones close it, at the first of them.
/// What could not be measured is neither.
pub(crate) fn change(open: Option<&Incident>, before: Option<Seen>, now: Seen) -> Option<Change> {
    let before =
        before.filter(|before| now.at.0 - before.at.0 <= APART * before.length.max(now.length) + GRACE)?;
    match (open, impact(before.state), impact(now.state)) {
        (None, Some(first), Some(second)) => Some(Change::Open(before.at, first.max(second))),
        (Some(open), _, Some(impact)) if impact > open.impact => Some(Change::Worsen(impact)),
        (Some(_), None, None) if good(before.state) && good(now.state) => Some(Change::Close(before.at)),
        _ => None,
    }
}

fn impact(state: State) -> Option<Impact> {
    match state {
        State::Degraded => Some(Impact::Degraded),
        State::Down => Some(Impact::Down),
        State::Operational | State::Unknown => None,
    }
}

fn good(state: State) -> bool {
    state == State::Operational
}

/// One line for people.
pub(crate) fn title(component: &str, impact: Impact) -> String {
    let how = match impact {
        Impact::Degraded => "degraded",
        Impact::Down => "down",
    };
    format!("{}: {how}", label(component))
}

#[cfg(test)]
mod tests {
    use levqor_entities::ids::IncidentId;
    use uuid::Uuid;

    use super::*;

    const LENGTH: i64 = 300_000_000;

    fn seen(slot: i64, state: State) -> Seen {
        Seen {
            at: Timestamp(slot * LENGTH),
            length: LENGTH,
            state,
        }
    }

    fn open(impact: Impact) -> Incident {
        Incident {
            id: IncidentId(Uuid::nil()),
            component: Some("queue".to_owned()),
            impact,
            title: title("queue", impact),
            opened_at: Timestamp(0),
            closed_at: None,
        }
    }

    fn pair(before: State, now: State) -> (Option<Change>, Option<Change>) {
        let of = |open: Option<&Incident>| change(open, Some(seen(1, before)), seen(2, now));
        (of(None), of(Some(&open(Impact::Degraded))))
    }

    #[test]
    fn two_bad_ones_open_it_and_two_good_ones_close_it() {
        use State::{Degraded, Down, Operational, Unknown};
        let first = Timestamp(LENGTH);
        assert_eq!(
            pair(Degraded, Degraded),
            (Some(Change::Open(first, Impact::Degraded)), None)
        );
        let down = Some(Change::Open(first, Impact::Down));
        assert_eq!(pair(Down, Degraded), (down, None));
        assert_eq!(pair(Degraded, Down), (down, Some(Change::Worsen(Impact::Down))));
        assert_eq!(pair(Operational, Operational), (None, Some(Change::Close(first))));
        for (before, now) in [
            (Operational, Down),
            (Down, Operational),
            (Unknown, Operational),
            (Operational, Unknown),
            (Unknown, Unknown),
        ] {
            let (opened, changed) = pair(before, now);
            assert_eq!(opened, None, "{before:?} {now:?}");
            assert!(!matches!(changed, Some(Change::Close(_))), "{before:?} {now:?}");
        }
    }

    #[test]
    fn one_snapshot_decides_nothing_and_neither_do_two_with_a_hole_between() {
        assert_eq!(change(None, None, seen(2, State::Down)), None);
        let far = seen(9, State::Down);
        assert_eq!(change(None, Some(seen(1, State::Down)), far), None);
        let near = seen(4, State::Down);
        assert!(change(None, Some(seen(1, State::Down)), near).is_some());
    }
}
