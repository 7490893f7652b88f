//! Properties of the rule, over random inputs.

use levqor_autoscaler::{
    Autoscaler, ClassInputs, ClassObservation, Decision, Due, Fleet, Inputs, Mode, Observation, Reason,
    Recommendation, Settings, decide,
};
use proptest::prelude::*;

fn class() -> impl Strategy<Value = ClassInputs> {
    let rates = (0.0..5.0_f64, 1.0..20.0_f64, 0.1..60.0_f64, 0.0..5.0_f64);
    let state = (
        0..500_u32,
        0..100_u32,
        prop::collection::vec((0.0..200.0_f64, 0..300_u32), 0..3),
    );
    let prices = (0..5_000_i64, 0..1_000_000_i64, 0.0..1_000.0_f64);
    (rates, state, prices).prop_map(|(rates, state, prices)| ClassInputs {
        name: "a".to_owned(),
        arrivals_per_s: rates.0,
        arrivals_dispersion: rates.1,
        service_mean_s: rates.2,
        service_scv: rates.3,
        waiting: state.0,
        running: state.1,
        due: state
            .2
            .into_iter()
            .map(|(in_s, runs)| Due { in_s, runs })
            .collect(),
        delay_micros_per_s: prices.0,
        margin_micros: prices.1,
        patience_s: prices.2,
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    (
        0..5_u32,
        1..40_u32,
        prop::option::of(0..400_000_000_i64),
        0.0..120.0_f64,
    )
        .prop_map(|(min, more, budget, startup_s)| Settings {
            min,
            max: min + more,
            budget_micros_per_hour: budget,
            startup_s,
            ..Settings::default()
        })
}

fn inputs() -> impl Strategy<Value = Inputs> {
    let fleet = (1..9_u32, 0..50_u32, prop::collection::vec(0.0..60.0_f64, 0..4));
    let recent = prop::collection::vec((0.0..400.0_f64, 0..50_u32), 0..5);
    (
        settings(),
        fleet,
        0..30_000_000_i64,
        prop::collection::vec(class(), 1..4),
        recent,
    )
        .prop_map(
            |(settings, (slots, ready, starting_s), worker_micros_per_hour, classes, recent)| Inputs {
                settings,
                fleet: Fleet {
                    slots,
                    ready,
                    starting_s,
                    draining: 0,
                },
                worker_micros_per_hour,
                classes,
                recent: recent
                    .into_iter()
                    .map(|(age_s, workers)| Recommendation { age_s, workers })
                    .collect(),
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_number_is_never_below_min_nor_above_max(inputs in inputs()) {
        let decision = decide(&inputs);
        prop_assert!((inputs.settings.min..=inputs.settings.max).contains(&decision.desired));
    }

    #[test]
    fn the_budget_is_kept_unless_min_alone_costs_more(inputs in inputs()) {
        let decision = decide(&inputs);
        if let Some(budget) = inputs.settings.budget_micros_per_hour {
            let cost = i64::from(decision.desired) * inputs.worker_micros_per_hour;
            prop_assert!(cost <= budget || decision.desired == inputs.settings.min);
        }
    }

    #[test]
    fn dearer_waiting_never_asks_for_fewer_workers(inputs in inputs(), factor in 2..20_i64) {
        let mut dearer = inputs.clone();
        for class in &mut dearer.classes {
            class.delay_micros_per_s *= factor;
        }
        prop_assert!(decide(&dearer).recommended >= decide(&inputs).recommended);
    }

    #[test]
    fn stabilize_holds_whatever_waits(inputs in inputs()) {
        let mut inputs = inputs;
        inputs.settings.mode = Mode::Stabilize;
        inputs.settings.budget_micros_per_hour = None;
        let decision = decide(&inputs);
        prop_assert_eq!(decision.desired, inputs.fleet.workers().clamp(inputs.settings.min, inputs.settings.max));
        prop_assert_eq!(decision.reason, Reason::Stabilize);
    }

    #[test]
    fn a_decision_read_back_from_its_record_is_made_again_byte_for_byte(inputs in inputs()) {
        let record = serde_json::to_string(&decide(&inputs)).unwrap();
        let read: Decision = serde_json::from_str(&record).unwrap();
        prop_assert_eq!(serde_json::to_string(&decide(&read.inputs)).unwrap(), record);
    }

    #[test]
    fn the_table_has_the_decision_and_adds_up(inputs in inputs()) {
        let decision = decide(&inputs);
        prop_assert!(decision.table.iter().any(|row| row.workers == decision.desired));
        for row in &decision.table {
            let sum = row.worker_micros + row.delay_micros + row.lost_margin_micros + row.left_over_micros;
            prop_assert_eq!(row.total_micros, sum);
        }
    }
}

fn one_class() -> Inputs {
    Inputs {
        settings: Settings {
            max: 50,
            ..Settings::default()
        },
        fleet: Fleet {
            slots: 4,
            ready: 8,
            ..Fleet::default()
        },
        worker_micros_per_hour: 8_000_000,
        classes: vec![ClassInputs {
            name: "calls".to_owned(),
            arrivals_per_s: 1.0,
            arrivals_dispersion: 1.0,
            service_mean_s: 24.0,
            service_scv: 1.0,
            waiting: 0,
            running: 24,
            due: Vec::new(),
            delay_micros_per_s: 2_000,
            margin_micros: 0,
            patience_s: 600.0,
        }],
        recent: Vec::new(),
    }
}

#[test]
fn a_backlog_asks_for_more_at_once() {
    let mut inputs = one_class();
    inputs.classes[0].waiting = 300;
    let decision = decide(&inputs);
    assert!(decision.desired > 12, "{}", decision.desired);
    assert_eq!(decision.reason, Reason::WorthMore);
}

#[test]
fn a_tick_within_the_time_of_a_start_is_prepared_for_and_a_later_one_is_not() {
    let mut inputs = one_class();
    inputs.classes[0].due = vec![Due {
        in_s: 60.0,
        runs: 300,
    }];
    let decision = decide(&inputs);
    assert!(decision.desired > 8);
    assert_eq!(decision.reason, Reason::LookAhead);
    inputs.classes[0].due = vec![Due {
        in_s: 600.0,
        runs: 300,
    }];
    assert_eq!(decide(&inputs).desired, 8);
}

#[test]
fn dearer_workers_are_fewer() {
    let mut inputs = one_class();
    inputs.classes[0].waiting = 300;
    let cheap = decide(&inputs).desired;
    inputs.worker_micros_per_hour *= 30;
    assert!(decide(&inputs).desired < cheap);
}

#[test]
fn fewer_only_when_the_whole_window_said_so() {
    let mut inputs = one_class();
    inputs.fleet.ready = 20;
    inputs.recent = vec![Recommendation {
        age_s: 290.0,
        workers: 15,
    }];
    let held = decide(&inputs);
    assert_eq!((held.desired, held.reason), (15, Reason::NotWorthIt));
    inputs.recent[0].workers = 25;
    let held = decide(&inputs);
    assert_eq!((held.desired, held.reason), (20, Reason::Stabilisation));
    inputs.recent[0].age_s = 301.0;
    assert!(decide(&inputs).desired < 10);
}

#[test]
fn bounds_and_budget_say_so_when_they_settle_it() {
    let mut inputs = one_class();
    inputs.classes[0].waiting = 2_000;
    inputs.settings.max = 9;
    let decision = decide(&inputs);
    assert_eq!((decision.desired, decision.reason), (9, Reason::Maximum));
    inputs.settings.max = 50;
    inputs.settings.budget_micros_per_hour = Some(80_000_000);
    let decision = decide(&inputs);
    assert_eq!((decision.desired, decision.reason), (10, Reason::Budget));
    inputs = one_class();
    inputs.fleet.ready = 0;
    inputs.settings.min = 30;
    assert_eq!(decide(&inputs).reason, Reason::Minimum);
}

/// What a fleet sees in a minute's quarter under constant load, with a little noise that repeats.
fn steady_look(workers: u32, tick: u32) -> Observation {
    let noise = [0, 3, 1, 5, 2, 4, 6][(tick % 7) as usize];
    Observation {
        interval_s: 15.0,
        fleet: Fleet {
            slots: 4,
            ready: workers,
            ..Fleet::default()
        },
        worker_micros_per_hour: 8_000_000,
        classes: vec![ClassObservation {
            name: "calls".to_owned(),
            arrivals: 12 + noise,
            ended: 15,
            service_sum_s: 360.0,
            service_square_sum_s2: 17_280.0,
            waiting: 0,
            running: 21 + noise,
            due: Vec::new(),
            delay_micros_per_s: 2_000,
            margin_micros: 0,
            patience_s: 600.0,
        }],
    }
}

#[test]
fn constant_load_settles_and_does_not_flap() {
    let mut autoscaler = Autoscaler::new(Settings {
        max: 50,
        ..Settings::default()
    })
    .unwrap();
    let mut workers = 1;
    let mut changes = Vec::new();
    for tick in 0..960 {
        let desired = autoscaler.look(&steady_look(workers, tick)).desired;
        if desired != workers {
            changes.push(tick);
        }
        workers = desired;
    }
    let late = changes.iter().filter(|tick| **tick >= 120).count();
    assert!(late <= 2, "{changes:?}");
    assert!((7..=9).contains(&workers), "{workers}");
}
