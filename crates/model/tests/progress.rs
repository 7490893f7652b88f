//! No world goes round in circles: each step uses something up. So "at rest" is where every history ends, and a run that has ended
//! in all states at rest ends in every history.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use levqor_model::{Bounds, CANCEL, EARLY, Faults, LEAVES, PAIR, Protocol, SIGNAL, STOPS, State};
use stateright::Model;

/// Depth-first, with the states on the way to this one marked true.
fn walk(protocol: &Protocol, state: &State, seen: &mut HashMap<u64, bool>) {
    let key = fingerprint(state);
    match seen.insert(key, true) {
        Some(true) => panic!("{}: a history comes back to\n{state:#?}", protocol.bounds.name),
        Some(false) => {}
        None => {
            for next in protocol.next_states(state) {
                walk(protocol, &next, seen);
            }
        }
    }
    seen.insert(key, false);
}

fn fingerprint(state: &State) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}

fn ends(bounds: Bounds, faults: Faults) {
    let bounds = Bounds { faults, ..bounds };
    let protocol = Protocol { bounds, bug: None };
    let mut seen = HashMap::new();
    for state in protocol.init_states() {
        walk(&protocol, &state, &mut seen);
    }
    assert!(seen.len() > 1_000, "{}: {} states", bounds.name, seen.len());
    println!("{}: no circle among {} states", bounds.name, seen.len());
}

#[test]
fn no_history_goes_round_in_circles() {
    let one_stop = Faults {
        stops: 1,
        ..Faults::default()
    };
    for bounds in [SIGNAL, CANCEL, STOPS] {
        ends(bounds, one_stop);
    }
    let one_unknown = Faults {
        unknown: 1,
        ..Faults::default()
    };
    for bounds in [SIGNAL, CANCEL, PAIR] {
        ends(bounds, one_unknown);
    }
    ends(EARLY, EARLY.faults);
    let one_leaves = Faults {
        drains: 1,
        ..Faults::default()
    };
    ends(LEAVES, one_leaves);
}
