//! The simulator and its traces, where the outcome can be worked out by hand.

use levqor_autoscaler::{
    sim::{BacklogRule, Constant, Counted, CpuRule, Effort, Look, Rule, Triggers, compare, simulate},
    trace::{Arrival, BUILTIN, ClassModel, FleetModel, Outage, Service, Source, Trace, arrivals},
};

/// Ten minutes of one class, 36 millionths a second for a worker and 5 a second for waiting.
fn trace(sources: Vec<Source>) -> Trace {
    Trace {
        name: "short".to_owned(),
        about: Vec::new(),
        seed: 1,
        duration_s: 600.0,
        fleet: FleetModel {
            slots: 1,
            startup_s: 30.0,
            min: 1,
            max: 20,
            initial: 1,
        },
        worker_micros_per_hour: 36 * 3_600,
        classes: vec![ClassModel {
            name: "calls".to_owned(),
            service: Service {
                mean_s: 10.0,
                scv: 0.0,
            },
            delay_micros_per_s: 5,
            margin_micros: 1_000,
            patience_s: 15.0,
        }],
        sources,
        changes: Vec::new(),
        outages: Vec::new(),
        schedule: Vec::new(),
    }
}

fn tick_of(runs: u32) -> Vec<Source> {
    let class = "calls".to_owned();
    vec![Source::Schedule {
        class,
        first_s: 100.0,
        every_s: 10_000.0,
        runs,
    }]
}

#[test]
fn cost_is_what_workers_waiting_and_lost_margins_add_up_to() {
    let trace = trace(tick_of(4));
    let outcome = simulate(&trace, &arrivals(&trace), &mut Constant(1));
    assert_eq!(outcome.cost.workers, 36 * 600);
    // One after the other: they wait 0, 10, 20 and 30 s; two of them longer than 15.
    assert_eq!(outcome.cost.delay, 5 * 60);
    assert_eq!((outcome.late, outcome.cost.lost), (2, 2_000));
}

#[test]
fn a_worker_that_is_asked_for_is_paid_while_it_starts() {
    let trace = trace(tick_of(0));
    let outcome = simulate(&trace, &arrivals(&trace), &mut Constant(3));
    assert_eq!((outcome.cost.workers, outcome.started), (3 * 36 * 600, 2));
}

#[test]
fn what_was_accepted_is_done_after_the_end_and_counts() {
    let trace = trace(tick_of(80));
    let outcome = simulate(&trace, &arrivals(&trace), &mut Constant(1));
    assert_eq!(outcome.attempts.len(), 80);
    assert!(outcome.cost.workers >= 36 * 900);
}

#[test]
fn attempts_fail_in_an_outage_and_are_repeated_by_timers_until_they_succeed() {
    let mut trace = trace(tick_of(1));
    trace.outages = vec![Outage {
        class: "calls".to_owned(),
        from_s: 50.0,
        to_s: 200.0,
        attempt_s: 2.0,
        retry_s: 20.0,
        retry_max_s: 60.0,
    }];
    let outcome = simulate(&trace, &arrivals(&trace), &mut Constant(1));
    // At 100, 102 + 20, 124 + 40 they fail; at 166 + 60 the outage is over.
    let ready: Vec<u64> = outcome.attempts.iter().map(|attempt| attempt.at_ms).collect();
    assert_eq!(ready, [100_000, 122_000, 164_000, 226_000]);
    let held: Vec<u64> = outcome
        .attempts
        .iter()
        .map(|attempt| attempt.service_ms)
        .collect();
    assert_eq!(held, [2_000, 2_000, 2_000, 10_000]);
}

/// Notes what is due and asks for one worker.
struct Notes(Vec<(u64, u32)>);

impl Rule for Notes {
    fn workers(&mut self, look: &Look) -> u32 {
        let due = look.seen.classes.iter().flat_map(|class| &class.due);
        self.0.push((look.now_ms, due.map(|due| due.runs).sum()));
        1
    }
}

#[test]
fn ticks_are_seen_until_they_are_here() {
    let trace = trace(tick_of(7));
    let mut notes = Notes(Vec::new());
    simulate(&trace, &arrivals(&trace), &mut notes);
    assert!(
        notes
            .0
            .iter()
            .all(|(at, due)| *due == if *at <= 90_000 { 7 } else { 0 })
    );
}

#[test]
fn traces_have_the_rates_and_service_times_they_say() {
    let class = "calls".to_owned();
    let mut trace = trace(vec![Source::Stream {
        class,
        rate: vec![(0.0, 0.0), (40_000.0, 2.0)],
    }]);
    trace.duration_s = 40_000.0;
    trace.classes[0].service = Service {
        mean_s: 10.0,
        scv: 1.5,
    };
    let all = arrivals(&trace);
    assert_eq!(all, arrivals(&trace));
    let count = |from: u64, to: u64| all.iter().filter(|a| (from..to).contains(&a.at_ms)).count();
    assert!((38_800..41_200).contains(&all.len()), "{}", all.len());
    assert!((9_400..10_600).contains(&count(0, 20_000_000)));
    let (mean, scv) = moments(&all);
    assert!(
        (mean - 10.0).abs() < 0.3 && (scv - 1.5).abs() < 0.3,
        "{mean} {scv}"
    );
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of an hour at most")]
fn moments(all: &[Arrival]) -> (f64, f64) {
    let number = all.len() as f64;
    let seconds = all.iter().map(|arrival| arrival.service_ms as f64 / 1_000.0);
    let mean = seconds.clone().sum::<f64>() / number;
    let square = seconds.map(|time| time * time).sum::<f64>() / number;
    (mean, square / (mean * mean) - 1.0)
}

#[test]
fn a_backlog_rule_asks_for_the_backlog_over_the_target_within_the_policies_of_an_hpa() {
    let trace = trace(tick_of(60));
    let mut rule = BacklogRule::new(Counted::WaitingAndRunning, Triggers::All(5), (1, 20));
    let schedule = simulate(&trace, &arrivals(&trace), &mut rule).schedule;
    // 60 are there at the tick at 105 s: 12 are wanted, 5 allowed; 15 s later 2 are done and 12 still wanted.
    assert_eq!(schedule[6..9], [1, 5, 10]);
    assert_eq!(schedule[9], 12);
}

#[test]
fn a_cpu_rule_keeps_workers_used_to_its_target() {
    let class = "calls".to_owned();
    let mut trace = trace(vec![Source::Stream {
        class,
        rate: vec![(0.0, 0.7)],
    }]);
    trace.duration_s = 7_200.0;
    let outcome = simulate(&trace, &arrivals(&trace), &mut CpuRule::new(0.7, (1, 20)));
    // 7 slots are busy on average, so that 10 workers would be used to 70 %; peaks of 5 minutes add to that.
    let late = &outcome.schedule[120..];
    assert!(late.iter().all(|workers| (9..=20).contains(workers)), "{late:?}");
}

#[test]
fn a_search_finds_a_schedule_that_no_rule_beats() {
    let trace = trace(tick_of(12));
    let comparison = compare(&trace, Effort::Thorough).unwrap();
    let optimum = comparison.optimum.outcome.cost.total();
    for rule in [&comparison.profit, &comparison.backlog, &comparison.cpu] {
        assert!(optimum <= rule.outcome.cost.total(), "{}", rule.label);
    }
    // Two margins less than with one worker, for workers that are dearer than that only when they stay.
    assert!(optimum < simulate(&trace, &arrivals(&trace), &mut Constant(1)).cost.total());
}

#[test]
fn the_traces_of_the_crate_are_traces_and_say_what_they_are() {
    for builtin in BUILTIN {
        let trace = Trace::parse(builtin.text).unwrap();
        assert_eq!(trace.name, builtin.name);
        assert!(trace.about.len() >= 3 && !trace.schedule.is_empty());
    }
}

#[test]
fn values_that_no_fleet_can_have_are_refused_with_their_line() {
    let good = BUILTIN[0].text;
    for (from, to, at) in [
        ("\"slots\": 4", "\"slots\": 0", "/fleet/slots"),
        ("\"initial\": 10", "\"initial\": 99", "/fleet/initial"),
        ("\"class\": \"bulk\"", "\"class\": \"bulky\"", "/sources/1/class"),
        ("\"scv\": 1.5", "\"scv\": -1", "/classes/0/service/scv"),
        ("10800", "1e9", "/duration_s"),
    ] {
        let text = good.replacen(from, to, 1);
        let error = Trace::parse(&text).unwrap_err().to_string();
        let line = 1 + text.lines().position(|line| line.contains(to)).unwrap();
        assert!(error.starts_with(&format!("line {line}: {at} must")), "{error}");
    }
}
