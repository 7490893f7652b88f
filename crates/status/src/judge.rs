//! From what was measured to a state: the thresholds, which docs/health.md lists.

use std::time::Duration;

use levqor_entities::status_snapshots::State;
use levqor_store::{Beat, Timestamp};

use crate::Component;

/// A part that takes longer to answer is degraded.
pub const SLOW: Duration = Duration::from_millis(500);

/// A part that has not answered after this time is down.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// After which lateness something is degraded, and after which it does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Degraded from here on.
    pub degraded: Duration,
    /// Down from here on.
    pub down: Duration,
}

/// Runs that could be taken and are not.
pub const BACKLOG: Limits = Limits {
    degraded: Duration::from_mins(1),
    down: Duration::from_mins(15),
};

/// Ticks that should have started runs. Ten minutes are made up for, older ones are lost.
pub const SCHEDULES: Limits = Limits {
    degraded: Duration::from_mins(1),
    down: Duration::from_mins(10),
};

/// Mails that nobody has tried to send.
pub const MAIL: Limits = Limits {
    degraded: Duration::from_mins(15),
    down: Duration::from_hours(4),
};

/// By how long a part took to answer; none: it did not, in time or at all.
pub fn answered(name: &str, took: Option<Duration>) -> Component {
    let Some(took) = took else {
        return Component::new(name, State::Down).because("does not answer");
    };
    let (state, why) = if took < SLOW {
        (State::Operational, None)
    } else {
        (State::Degraded, Some("answers slowly"))
    };
    let component = Component::new(name, state).with("round_trip_ms", took.as_millis());
    match why {
        Some(why) => component.because(why),
        None => component,
    }
}

/// By how late the oldest is; none: nothing is.
pub fn late(name: &str, oldest: Option<Timestamp>, now: Timestamp, limits: Limits) -> Component {
    let late = oldest.map_or(Duration::ZERO, |oldest| now.since(oldest));
    let state = if late >= limits.down {
        State::Down
    } else if late >= limits.degraded {
        State::Degraded
    } else {
        State::Operational
    };
    let component = Component::new(name, state).with("late_seconds", late.as_secs());
    if state == State::Operational {
        component
    } else {
        component.because("is late")
    }
}

/// By the workers that are alive.
pub fn workers(beats: &[Beat]) -> Component {
    let sum = |of: fn(&Beat) -> i32| beats.iter().map(|beat| i64::from(of(beat))).sum::<i64>();
    let state = if beats.is_empty() {
        State::Down
    } else {
        State::Operational
    };
    let component = Component::new("workers", state)
        .with("alive", beats.len())
        .with("slots", sum(|beat| beat.slots))
        .with("busy", sum(|beat| beat.busy));
    if beats.is_empty() {
        component.because("none is alive")
    } else {
        component
    }
}

#[cfg(test)]
mod tests {
    use levqor_store::WorkerId;

    use super::*;

    #[test]
    fn an_answer_is_judged_by_its_time() {
        let state = |millis| answered("queue", Some(Duration::from_millis(millis))).state;
        assert_eq!(
            [0, 499, 500, 4_999].map(state),
            [
                State::Operational,
                State::Operational,
                State::Degraded,
                State::Degraded
            ]
        );
        let silent = answered("queue", None);
        assert_eq!(silent.state, State::Down);
        assert!(silent.figures.is_empty(), "nothing was measured");
    }

    #[test]
    fn lateness_is_judged_by_its_limits_and_the_future_is_not_late() {
        let now = Timestamp(10_000_000_000);
        let state = |seconds: i64| {
            let oldest = Timestamp(now.0 - seconds * 1_000_000);
            late("schedules", Some(oldest), now, SCHEDULES).state
        };
        assert_eq!(
            [-60, 0, 59, 60, 599, 600].map(state),
            [
                State::Operational,
                State::Operational,
                State::Operational,
                State::Degraded,
                State::Degraded,
                State::Down
            ]
        );
        assert_eq!(late("mail", None, now, MAIL).figures["late_seconds"], 0);
    }

    #[test]
    fn workers_are_counted_with_their_slots() {
        let beat = |busy| Beat {
            worker: WorkerId(uuid::Uuid::nil()),
            beats: 7,
            slots: 512,
            busy,
        };
        let found = workers(&[beat(3), beat(4)]);
        assert_eq!(found.state, State::Operational);
        assert_eq!(
            [
                found.figures["alive"],
                found.figures["slots"],
                found.figures["busy"]
            ],
            [2, 1_024, 7]
        );
        assert_eq!(workers(&[]).state, State::Down);
    }
}
