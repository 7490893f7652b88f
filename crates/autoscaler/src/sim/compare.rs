//! All rules on one trace.

use super::{
    BacklogRule, Counted, CpuRule, Effort, Outcome, ProfitRule, Rule, Schedule, TICK_MS, Triggers, optimum,
    simulate,
};
use crate::{
    SettingsError,
    trace::{Arrival, Trace, arrivals},
};

/// Targets of the backlog rule with one trigger that are tried, in activations of one worker.
const TARGETS: [u32; 16] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 40, 60, 100, 200];
/// Targets of the backlog rule with two triggers: of the class that is served first, of all others.
const FIRST: [u32; 3] = [3, 4, 5];
const OTHERS: [u32; 5] = [10, 20, 30, 50, 100];
/// Target of the CPU rule.
const CPU_TARGET: f64 = 0.7;

/// A rule and how it did.
#[derive(Debug, Clone, PartialEq)]
pub struct Contender {
    /// What it is, with its parameters.
    pub label: String,
    /// How it did.
    pub outcome: Outcome,
}

/// All rules on one trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The autoscaler.
    pub profit: Contender,
    /// The cheapest backlog rule: a target for the backlog, chosen in hindsight for this trace.
    pub backlog: Contender,
    /// The cheapest backlog rule with a target for the first class and one for the others, chosen in hindsight.
    pub backlog_by_class: Contender,
    /// The CPU rule.
    pub cpu: Contender,
    /// The cheapest schedule known.
    pub optimum: Contender,
}

/// Plays all rules on a trace. A thorough search takes minutes; else the trace's own schedule is played, or a short search
/// made when it has none.
pub fn compare(trace: &Trace, effort: Effort) -> Result<Comparison, SettingsError> {
    let arrivals = arrivals(trace);
    let bounds = (trace.fleet.min, trace.fleet.max);
    let play = |label: String, rule: &mut dyn Rule| Contender {
        label,
        outcome: simulate(trace, &arrivals, rule),
    };
    let profit = play("profit".to_owned(), &mut ProfitRule::new(trace.settings())?);
    let cheapest = |rules: Vec<(Counted, Triggers)>| {
        rules
            .into_iter()
            .map(|(counted, triggers)| {
                let mut rule = BacklogRule::new(counted, triggers, bounds);
                play(label(counted, triggers), &mut rule)
            })
            .min_by_key(|contender| contender.outcome.cost.total())
            .unwrap_or_else(|| profit.clone())
    };
    let backlog = cheapest(one_trigger());
    let backlog_by_class = cheapest(two_triggers());
    let cpu = play(
        format!("CPU at {CPU_TARGET}"),
        &mut CpuRule::new(CPU_TARGET, bounds),
    );
    let known = [&profit, &backlog, &backlog_by_class, &cpu].map(|contender| &contender.outcome);
    let optimum = best(trace, &arrivals, &known, effort);
    Ok(Comparison {
        profit,
        backlog,
        backlog_by_class,
        cpu,
        optimum,
    })
}

fn one_trigger() -> Vec<(Counted, Triggers)> {
    let all = TARGETS.map(Triggers::All);
    let both = |triggers| {
        [
            (Counted::Waiting, triggers),
            (Counted::WaitingAndRunning, triggers),
        ]
    };
    all.into_iter().flat_map(both).collect()
}

fn two_triggers() -> Vec<(Counted, Triggers)> {
    let pair = |first| {
        OTHERS.map(|others| {
            (
                Counted::WaitingAndRunning,
                Triggers::FirstAndOthers(first, others),
            )
        })
    };
    FIRST.into_iter().flat_map(pair).collect()
}

fn label(counted: Counted, triggers: Triggers) -> String {
    let what = match counted {
        Counted::Waiting => "waiting",
        Counted::WaitingAndRunning => "waiting + running",
    };
    match triggers {
        Triggers::All(target) => format!("{what} / {target}"),
        Triggers::FirstAndOthers(first, others) => format!("{what} / {first}, {others}"),
    }
}

/// The cheapest of the trace's own schedule or a search, and the rules.
fn best(trace: &Trace, arrivals: &[Arrival], known: &[&Outcome], effort: Effort) -> Contender {
    let own = simulate(
        trace,
        arrivals,
        &mut Schedule(ticks(&trace.schedule, trace.fleet.initial)),
    );
    let mut all = known.to_vec();
    all.push(&own);
    let searched = (trace.schedule.is_empty() || effort == Effort::Thorough)
        .then(|| optimum(trace, arrivals, &all, effort))
        .flatten();
    all.extend(&searched);
    let cheapest = all.into_iter().min_by_key(|outcome| outcome.cost.total());
    Contender {
        label: "future known".to_owned(),
        outcome: cheapest.cloned().unwrap_or(own),
    }
}

/// Workers by tick of a schedule in seconds.
fn ticks(schedule: &[(u64, u32)], initial: u32) -> Vec<u32> {
    let mut ticks = Vec::new();
    let mut workers = initial;
    for (second, from_then_on) in schedule {
        let until = usize::try_from(second * 1_000 / TICK_MS).unwrap_or(usize::MAX);
        ticks.resize(until.max(ticks.len()), workers);
        workers = *from_then_on;
    }
    ticks.push(workers);
    ticks
}
