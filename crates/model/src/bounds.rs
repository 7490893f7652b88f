//! How large a world is checked, and what may go wrong in it.

use crate::{Bug, tables::Kind};

/// A step of the modelled workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A call to the outside; its number is its execution path.
    Call(u8),
    /// Waits for an event.
    Listen,
}

/// How often each thing may happen that need not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Faults {
    /// Workers that crash or stand still. At least one worker must be left.
    pub stops: u8,
    /// Workers that give back what they hold and leave.
    pub drains: u8,
    /// Statements whose client hears nothing: they may commit at any later time, or never, and are repeated whole.
    pub unknown: u8,
    /// Hints lost by the queue.
    pub lost: u8,
    /// Hints doubled by the queue.
    pub doubled: u8,
    /// Hints that nobody sent, as a queue restored from an old copy has them.
    pub stray: u8,
    /// Jumps of the wall clock past a lease.
    pub jumps: u8,
}

/// A world small enough to visit every state of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// For the report.
    pub name: &'static str,
    /// What every run does; it completes after the last step.
    pub program: &'static [Step],
    /// How many runs are accepted.
    pub runs: u8,
    /// How many worker processes there are, of one slot each.
    pub workers: u8,
    /// What is sent to which run, at any time after it was accepted.
    pub messages: &'static [(u8, Kind)],
    /// Runs have a `run_at` in the future.
    pub run_at: bool,
    /// What may go wrong.
    pub faults: Faults,
}

const TWO_CALLS: &[Step] = &[Step::Call(0), Step::Call(1)];

const NONE: Faults = Faults {
    stops: 0,
    drains: 0,
    unknown: 0,
    lost: 0,
    doubled: 0,
    stray: 0,
    jumps: 0,
};

/// One run that listens, and the event it waits for.
pub const SIGNAL: Bounds = Bounds {
    name: "signal",
    program: &[Step::Call(0), Step::Listen, Step::Call(1)],
    runs: 1,
    workers: 2,
    messages: &[(0, Kind::Event)],
    run_at: false,
    faults: Faults {
        stops: 1,
        unknown: 1,
        ..NONE
    },
};

/// One run and a cancel that may come at any time.
pub const CANCEL: Bounds = Bounds {
    name: "cancel",
    program: TWO_CALLS,
    messages: &[(0, Kind::Cancel)],
    ..SIGNAL
};

/// A run with a start time, a queue that loses hints and makes some up, a wall clock that jumps, and a cancel.
pub const EARLY: Bounds = Bounds {
    name: "early",
    program: &[Step::Call(0)],
    messages: &[(0, Kind::Cancel)],
    run_at: true,
    faults: Faults {
        stops: 1,
        lost: 1,
        stray: 1,
        jumps: 1,
        ..NONE
    },
    ..SIGNAL
};

/// Three workers of which two stop, and a queue that doubles hints.
pub const STOPS: Bounds = Bounds {
    name: "stops",
    program: TWO_CALLS,
    workers: 3,
    messages: &[],
    faults: Faults {
        stops: 2,
        doubled: 1,
        ..NONE
    },
    ..SIGNAL
};

/// Three workers of which one leaves and one stops, and a cancel.
pub const LEAVES: Bounds = Bounds {
    name: "leaves",
    program: TWO_CALLS,
    workers: 3,
    messages: &[(0, Kind::Cancel)],
    faults: Faults {
        stops: 1,
        drains: 1,
        ..NONE
    },
    ..SIGNAL
};

/// Two runs, one of which somebody cancels.
pub const PAIR: Bounds = Bounds {
    name: "pair",
    program: &[Step::Call(0)],
    runs: 2,
    messages: &[(0, Kind::Cancel)],
    faults: Faults { stops: 1, ..NONE },
    ..SIGNAL
};

impl Bounds {
    /// All that the protocol is checked in.
    pub const ALL: [Self; 6] = [SIGNAL, CANCEL, EARLY, STOPS, LEAVES, PAIR];

    /// Where the checker must find a bug.
    pub const fn of(bug: Bug) -> Self {
        match bug {
            Bug::ClaimWithoutReady | Bug::RescueByWallClock => EARLY,
            Bug::EndWithoutCompare | Bug::RepeatedDeliveryByTime | Bug::DeliverWithoutToken => CANCEL,
            Bug::RescueOnlyAtDeath | Bug::ClaimWithoutEpoch => STOPS,
            _ => SIGNAL,
        }
    }
}
