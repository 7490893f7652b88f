//! How much of a time was measured, and how much of that was good.

use levqor_entities::status_snapshots::State;
use levqor_store::Timestamp;

/// What a snapshot says of its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Beginning of the slot.
    pub slot: Timestamp,
    /// Its length in microseconds.
    pub length: i64,
    /// How the whole was found.
    pub state: State,
}

/// Sums over a window of time, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uptime {
    /// The window.
    pub window: i64,
    /// Time in slots that have a snapshot which knows a state.
    pub measured: i64,
    /// Of these, when all was as it should be.
    pub operational: i64,
    /// Of these, when nothing worked.
    pub down: i64,
}

impl Uptime {
    /// Over `from..to`. A snapshot stands for its slot, from its beginning to its end, or to the next slot that has one
    /// when their lengths differ. What no snapshot stands for is not measured, and so is one whose state is unknown.
    ///
    /// `snapshots` are in order of their slots.
    pub fn over(snapshots: &[Measured], from: Timestamp, to: Timestamp) -> Self {
        let mut sums = Self {
            window: (to.0 - from.0).max(0),
            ..Self::default()
        };
        for (at, snapshot) in snapshots.iter().enumerate() {
            let next = snapshots.get(at + 1).map_or(i64::MAX, |next| next.slot.0);
            let end = snapshot.slot.0.saturating_add(snapshot.length.max(0)).min(next);
            let span = (end.min(to.0) - snapshot.slot.0.max(from.0)).max(0);
            match snapshot.state {
                State::Unknown => continue,
                State::Operational => sums.operational += span,
                State::Degraded => {}
                State::Down => sums.down += span,
            }
            sums.measured += span;
        }
        sums
    }

    /// Share of the measured time in which the service was not down, 0 to 1; none when nothing was measured.
    pub fn up(&self) -> Option<f64> {
        share(self.measured - self.down, self.measured)
    }

    /// Share of the measured time in which all was as it should be.
    pub fn good(&self) -> Option<f64> {
        share(self.operational, self.measured)
    }

    /// Share of the window that was measured.
    pub fn coverage(&self) -> f64 {
        share(self.measured, self.window).unwrap_or(0.0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more than 52 bits")]
fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn snapshot(slot: i64, length: i64, state: State) -> Measured {
        Measured {
            slot: Timestamp(slot),
            length,
            state,
        }
    }

    fn over(snapshots: &[Measured], from: i64, to: i64) -> Uptime {
        Uptime::over(snapshots, Timestamp(from), Timestamp(to))
    }

    #[test]
    fn a_missing_slot_is_not_measured_and_not_up() {
        // Five slots of ten: one missing, one down, one degraded.
        let found = over(
            &[
                snapshot(0, 10, State::Operational),
                snapshot(10, 10, State::Down),
                snapshot(30, 10, State::Degraded),
                snapshot(40, 10, State::Operational),
            ],
            0,
            50,
        );
        assert_eq!((found.window, found.measured, found.down), (50, 40, 10));
        assert_eq!((found.up(), found.good()), (Some(0.75), Some(0.5)));
        assert!((found.coverage() - 0.8).abs() < 1e-12);
    }

    #[test]
    fn nothing_measured_is_no_uptime_at_all() {
        let found = over(&[snapshot(0, 10, State::Unknown)], 0, 100);
        assert_eq!((found.up(), found.good(), found.measured), (None, None, 0));
        assert!(found.coverage().abs() < 1e-12);
    }

    #[test]
    fn slots_are_cut_by_the_window_and_by_the_next_slot() {
        let snapshots = [
            snapshot(0, 100, State::Operational),
            snapshot(60, 20, State::Down),
        ];
        let found = over(&snapshots, 50, 70);
        assert_eq!((found.operational, found.down, found.measured), (10, 10, 20));
    }

    fn states() -> impl Strategy<Value = State> {
        prop_oneof![
            Just(State::Operational),
            Just(State::Degraded),
            Just(State::Down),
            Just(State::Unknown)
        ]
    }

    prop_compose! {
        /// Slots in order, of lengths that change, with gaps.
        fn series()(rows in prop::collection::vec((1_i64..40, 1_i64..40, states()), 0..60)) -> Vec<Measured> {
            let mut slot = 0;
            let mut series = Vec::new();
            for (step, length, state) in rows {
                slot += step;
                series.push(snapshot(slot, length, state));
            }
            series
        }
    }

    proptest! {
        /// No sum is negative or more than what it is a part of, and shares are shares.
        #[test]
        fn parts_are_never_more_than_the_whole(series in series(), from in -50_i64..2_000, length in 0_i64..2_000) {
            let found = over(&series, from, from + length);
            prop_assert!(0 <= found.operational && 0 <= found.down);
            prop_assert!(found.operational + found.down <= found.measured);
            prop_assert!(found.measured <= found.window);
            for share in [found.up(), found.good(), Some(found.coverage())].into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&share));
            }
        }

        /// What a window holds is what its two halves hold.
        #[test]
        fn a_window_is_the_sum_of_its_parts(series in series(), from in -50_i64..1_000, a in 0_i64..500, b in 0_i64..500) {
            let (first, second) = (over(&series, from, from + a), over(&series, from + a, from + a + b));
            let whole = over(&series, from, from + a + b);
            prop_assert_eq!(first.measured + second.measured, whole.measured);
            prop_assert_eq!(first.operational + second.operational, whole.operational);
            prop_assert_eq!(first.down + second.down, whole.down);
        }

        /// Taking a snapshot away never makes more of the time measured, when slots have one length.
        #[test]
        fn a_slot_that_is_lost_is_never_uptime(
            taken in prop::collection::btree_map(0_i64..100, states(), 1..60),
            lost in any::<prop::sample::Index>(),
        ) {
            let series: Vec<Measured> = taken.iter().map(|(n, state)| snapshot(n * 10, 10, *state)).collect();
            let whole = over(&series, 0, 1_000);
            let mut less = series.clone();
            let gone = less.remove(lost.index(series.len()));
            let without = over(&less, 0, 1_000);
            let span = if gone.state == State::Unknown { 0 } else { 10 };
            prop_assert_eq!(without.measured, whole.measured - span);
            prop_assert!(without.operational <= whole.operational);
        }
    }
}
