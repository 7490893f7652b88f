//! The protocol keeps its promises in every state of every bounded world.

use std::time::Instant;

use levqor_model::{Bounds, CANCEL, EARLY, LEAVES, PAIR, Promise, Protocol, SIGNAL, STOPS, text};
use stateright::{Checker, Model};

/// Visits every state; what must never be found is not, what must be found is.
fn check(bounds: Bounds) {
    let started = Instant::now();
    let protocol = Protocol { bounds, bug: None };
    let checker = protocol.checker().spawn_bfs().join();
    println!(
        "{}: {} states, {} steps, depth {}, {:.1} s",
        bounds.name,
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        started.elapsed().as_secs_f64()
    );
    for promise in Promise::ALL {
        if let Some(path) = checker.discovery(promise.name()) {
            panic!("{}: not so: {}\n{}", bounds.name, promise.name(), text(path));
        }
    }
    checker.assert_properties();
}

#[test]
fn the_protocol_keeps_its_promises_when_a_run_listens() {
    check(SIGNAL);
}

#[test]
fn the_protocol_keeps_its_promises_when_a_run_is_cancelled() {
    check(CANCEL);
}

#[test]
fn the_protocol_keeps_its_promises_when_a_run_has_a_start_time() {
    check(EARLY);
}

#[test]
fn the_protocol_keeps_its_promises_when_two_of_three_workers_stop() {
    check(STOPS);
}

#[test]
fn the_protocol_keeps_its_promises_when_a_worker_leaves() {
    check(LEAVES);
}

#[test]
fn the_protocol_keeps_its_promises_for_two_runs() {
    check(PAIR);
}
