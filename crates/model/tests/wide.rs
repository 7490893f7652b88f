//! The same worlds with more that goes wrong at once: minutes and gigabytes, by hand
//! (`cargo test -p levqor-model --test wide -- --ignored --nocapture --test-threads 1`).

use levqor_model::{Bounds, CANCEL, EARLY, Faults, LEAVES, Promise, Protocol, SIGNAL, STOPS, text};
use stateright::{Checker, Model};

#[test]
#[ignore = "minutes"]
fn the_protocol_keeps_its_promises_in_wider_worlds() {
    let worlds = [
        (
            SIGNAL,
            Faults {
                doubled: 1,
                ..SIGNAL.faults
            },
        ),
        (
            SIGNAL,
            Faults {
                unknown: 2,
                ..SIGNAL.faults
            },
        ),
        (
            CANCEL,
            Faults {
                unknown: 2,
                ..CANCEL.faults
            },
        ),
        (
            EARLY,
            Faults {
                unknown: 1,
                jumps: 0,
                ..EARLY.faults
            },
        ),
        (
            STOPS,
            Faults {
                stops: 1,
                unknown: 1,
                ..STOPS.faults
            },
        ),
        (
            Bounds {
                messages: &[],
                ..LEAVES
            },
            Faults {
                unknown: 1,
                ..LEAVES.faults
            },
        ),
    ];
    for (bounds, faults) in worlds {
        let bounds = Bounds { faults, ..bounds };
        let checker = Protocol { bounds, bug: None }.checker().spawn_bfs().join();
        println!(
            "{} {faults:?}: {} states",
            bounds.name,
            checker.unique_state_count()
        );
        for promise in Promise::ALL {
            let broken = checker.discovery(promise.name()).map(text);
            assert!(
                broken.is_none(),
                "{}: not so: {}\n{}",
                bounds.name,
                promise.name(),
                broken.unwrap()
            );
        }
    }
}
