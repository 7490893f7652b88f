//! Every planted bug is found, by the checkers that are there for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use levqor_simulation::{Bug, Checker};

use crate::plays::{command, each};

/// Seeds in which a bug must show.
const SEEDS: u64 = 1_500;

/// How many seeds each checker spoke up in, and the first of them.
type Found = BTreeMap<Checker, (u64, u64)>;

fn play(bug: Bug) -> Found {
    let found = Mutex::new(Found::new());
    each(SEEDS, Some(bug), |seed, played| {
        let checkers: BTreeSet<Checker> = played.violations.iter().map(|one| one.checker).collect();
        for checker in checkers {
            let mut found = found.lock().unwrap();
            let (count, first) = found.entry(checker).or_insert((0, seed));
            (*count, *first) = (*count + 1, seed.min(*first));
        }
        None::<()>
    });
    found.into_inner().unwrap()
}

fn is_found(bug: Bug) {
    let found = play(bug);
    for (checker, (count, first)) in &found {
        eprintln!(
            "{bug}: {checker} in {count} of {SEEDS} seeds, first: {}",
            command(*first, Some(bug))
        );
    }
    for checker in bug.found_by() {
        assert!(
            found.contains_key(checker),
            "{bug} got past {checker} in {SEEDS} seeds; found: {found:?}"
        );
    }
}

macro_rules! bugs {
    ($($test:ident: $bug:ident,)*) => {
        $(#[test] fn $test() { is_found(Bug::$bug); })*

        #[test]
        fn every_bug_has_its_test() {
            assert_eq!([$(Bug::$bug),*], Bug::ALL);
        }
    };
}

bugs! {
    an_unlocked_fence_is_found: UnlockedFence,
    an_epoch_without_state_is_found: EpochWithoutState,
    a_park_without_compare_is_found: ParkWithoutCompare,
    a_claim_without_ready_is_found: ClaimWithoutReady,
    an_effect_before_its_commit_is_found: EffectBeforeCommit,
    two_appends_in_flight_are_found: TwoAppendsInFlight,
    a_key_with_the_attempt_number_is_found: KeyWithAttemptNumber,
    a_rescue_by_wall_clock_is_found: RescueByWallClock,
}
