//! A rule weakened is a promise broken, and the checker finds which.

use levqor_model::{Action, Bounds, Bug, Promise, Protocol, State, text};
use stateright::{Checker, HasDiscoveries, Model, Path};

/// The shortest history that breaks a promise. The checker visits nearer states first, but goes on for a while after it has found
/// one and keeps the last: it is asked again for a shorter one, until there is none.
fn shortest(protocol: Protocol, promise: Promise) -> Option<Path<State, Action>> {
    let mut best: Option<Path<State, Action>> = None;
    loop {
        let mut checker = protocol
            .checker()
            .finish_when(HasDiscoveries::AnyOf([promise.name()].into()));
        if let Some(path) = &best {
            checker = checker.target_max_depth(path.clone().into_states().len());
        }
        match checker.spawn_bfs().join().discovery(promise.name()) {
            Some(path) => best = Some(path),
            None => return best,
        }
    }
}

fn finds(bug: Bug) {
    let bounds = Bounds::of(bug);
    let protocol = Protocol {
        bounds,
        bug: Some(bug),
    };
    for promise in bug.breaks() {
        let name = promise.name();
        let path = shortest(protocol, *promise);
        let path = path.unwrap_or_else(|| panic!("{bug:?} ({}) passes: {name}", bug.rule()));
        println!(
            "{bug:?} ({}, world {}): not so: {name}\n{}",
            bug.rule(),
            bounds.name,
            text(path)
        );
    }
}

#[test]
fn every_promise_is_broken_by_some_bug() {
    for promise in Promise::ALL {
        let breaks = |bug: &Bug| bug.breaks().contains(&promise);
        assert!(
            Bug::ALL.iter().any(breaks),
            "nothing shows that this is checked: {}",
            promise.name()
        );
    }
}

macro_rules! bugs {
    ($($name:ident: $bug:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            finds(Bug::$bug);
        })*

        #[test]
        fn every_bug_has_a_test() {
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
    an_idempotency_key_with_the_attempt_number_is_found: KeyWithAttemptNumber,
    a_rescue_by_wall_clock_is_found: RescueByWallClock,
    an_intake_without_token_is_found: IntakeWithoutToken,
    a_delivery_without_token_is_found: DeliverWithoutToken,
    an_append_known_again_without_its_bytes_is_found: AppendWithoutBytes,
    an_append_without_seq_is_found: AppendWithoutSeq,
    a_claim_that_keeps_the_epoch_is_found: ClaimWithoutEpoch,
    a_claim_in_one_snapshot_is_found: ClaimInOneSnapshot,
    an_end_without_compare_is_found: EndWithoutCompare,
    a_rescue_only_at_a_death_is_found: RescueOnlyAtDeath,
    a_repeated_delivery_that_goes_by_time_is_found: RepeatedDeliveryByTime,
}
