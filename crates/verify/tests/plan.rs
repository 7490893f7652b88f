//! Plans of faults.

use std::{collections::HashSet, time::Duration};

use levqor_verify::faults::{Fault, Kind, Link, Role, plan};

const TWO_MINUTES: Duration = Duration::from_mins(2);
const HOUR: Duration = Duration::from_hours(1);

fn kinds(planned: &[(Duration, Fault)]) -> HashSet<Kind> {
    planned.iter().map(|(_, fault)| fault.kind).collect()
}

#[test]
fn the_same_seed_gives_the_same_plan_and_another_seed_another() {
    let all = Kind::all();
    assert_eq!(plan(7, &all, TWO_MINUTES), plan(7, &all, TWO_MINUTES));
    assert_ne!(plan(7, &all, TWO_MINUTES), plan(8, &all, TWO_MINUTES));
}

#[test]
fn two_minutes_suffice_for_every_kind_whatever_the_seed() {
    let all = Kind::all();
    for seed in 0..500 {
        let planned = kinds(&plan(seed, &all, TWO_MINUTES));
        let absent: Vec<_> = all.iter().filter(|kind| !planned.contains(kind)).collect();
        assert!(absent.is_empty(), "seed {seed} lacks {absent:?}");
    }
}

#[test]
fn only_wanted_kinds_are_planned_and_again_and_again() {
    let wanted = [Kind::Kill(Role::Worker), Kind::Partition(Link::Postgres)];
    let planned = plan(1, &wanted, HOUR);
    assert_eq!(kinds(&planned), wanted.into_iter().collect());
    assert!(planned.len() > 100, "{}", planned.len());
    assert!(plan(1, &[], HOUR).is_empty());
}

#[test]
fn faults_are_in_order_and_over_in_time() {
    for seed in 0..100 {
        let planned = plan(seed, &Kind::all(), TWO_MINUTES);
        assert!(planned.is_sorted_by_key(|(at, _)| *at));
        assert!(planned.iter().all(|(at, fault)| *at + fault.lasts <= TWO_MINUTES));
    }
}

/// Which part a fault is about, by the words of its name.
fn part(fault: &Fault) -> Vec<&'static str> {
    let name = fault.kind.to_string();
    let parts = ["api", "worker", "scheduler", "redis", "postgres", "clock"];
    match name.as_str() {
        "disk-full" => vec!["postgres"],
        "kill-all" | "pause-all" | "restart-all" => parts[..3].to_vec(),
        name => parts.into_iter().filter(|part| name.contains(part)).collect(),
    }
}

#[test]
fn some_faults_overlap_and_never_about_the_same_part() {
    let mut overlaps = 0;
    for seed in 0..50 {
        let planned = plan(seed, &Kind::all(), HOUR);
        for (place, (at, fault)) in planned.iter().enumerate() {
            let before = &planned[..place];
            for (_, other) in before.iter().filter(|(begun, other)| *begun + other.lasts > *at) {
                overlaps += 1;
                assert!(
                    part(fault)
                        .iter()
                        .all(|part| !part.is_empty() && !self::part(other).contains(part)),
                    "seed {seed}: {fault} during {other}"
                );
            }
        }
    }
    assert!(overlaps > 1_000, "{overlaps}");
}

#[test]
fn every_name_is_read_back_and_unknown_ones_are_refused_with_the_known() {
    let all = Kind::all();
    let names: HashSet<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!(names.len(), all.len());
    for kind in all {
        assert_eq!(kind.to_string().parse(), Ok(kind));
    }
    let refused = "kill-everybody".parse::<Kind>().unwrap_err();
    assert!(
        refused.contains("kill-worker") && refused.contains("clock-back"),
        "{refused}"
    );
}

#[test]
fn a_fault_is_written_with_its_name_and_read_back() {
    let fault = Fault {
        kind: Kind::Slow(Link::Redis),
        whom: Role::Api,
        nth: 3,
        lasts: Duration::from_millis(2_500),
        by: Duration::from_millis(120),
    };
    let written = serde_json::to_string(&fault).unwrap();
    assert_eq!(
        written,
        r#"{"kind":"slow-redis","whom":"api","nth":3,"lasts_ms":2500,"by_ms":120}"#
    );
    assert_eq!(serde_json::from_str::<Fault>(&written).unwrap(), fault);
    assert_eq!(fault.to_string(), "slow-redis by 120 ms (api) for 2.5 s");
}

#[test]
fn only_a_jump_for_all_moves_the_clock_of_the_store() {
    let jump = |kind, whom| Fault {
        kind,
        whom,
        nth: 0,
        lasts: Duration::from_secs(2),
        by: Duration::from_mins(5),
    };
    assert_eq!(jump(Kind::ClockForward, Role::All).store_clock(), 300);
    assert_eq!(jump(Kind::ClockBack, Role::All).store_clock(), -300);
    assert_eq!(jump(Kind::ClockBack, Role::Worker).store_clock(), 0);
    assert_eq!(jump(Kind::DiskFull, Role::All).store_clock(), 0);
}
