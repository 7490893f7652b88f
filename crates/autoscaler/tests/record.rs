//! A decision is made again from its record, and what was changed in it is seen.

use levqor_autoscaler::{Autoscaler, ClassObservation, Decision, Due, Fleet, Observation, Settings};

fn seen(waiting: u32) -> Observation {
    Observation {
        interval_s: 15.0,
        fleet: Fleet {
            slots: 4,
            ready: 2,
            starting_s: vec![12.3],
            draining: 0,
        },
        worker_micros_per_hour: 8_000_000,
        classes: vec![ClassObservation {
            name: "normal".to_owned(),
            arrivals: 31,
            ended: 17,
            service_sum_s: 101.7,
            service_square_sum_s2: 903.31,
            waiting,
            running: 8,
            due: vec![Due { in_s: 7.0, runs: 3 }],
            delay_micros_per_s: 2_777,
            margin_micros: 0,
            patience_s: 3_600.0,
        }],
    }
}

#[expect(clippy::unwrap_used, reason = "the default settings are in order")]
fn decision(waiting: u32) -> Decision {
    Autoscaler::new(Settings::default()).unwrap().look(&seen(waiting))
}

#[test]
fn a_decision_that_was_written_down_follows_from_its_inputs() {
    for waiting in [0, 3, 500] {
        let text = serde_json::to_string(&decision(waiting)).unwrap();
        let read: Decision = serde_json::from_str(&text).unwrap();
        assert!(read.follows(), "{text}");
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
}

#[test]
fn a_decision_that_was_changed_does_not_follow() {
    let mut bent = decision(500);
    bent.desired += 1;
    assert!(!bent.follows());
    let mut bent = decision(500);
    bent.inputs.classes[0].waiting = 0;
    assert!(!bent.follows());
}

#[test]
fn a_decision_says_why_in_words() {
    let words = decision(500).words();
    assert!(
        words.starts_with("10 workers are wanted and 3 are there or starting: "),
        "{words}"
    );
}
