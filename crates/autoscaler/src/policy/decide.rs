//! The marginal rule.

use super::{
    Candidate, Decision, Inputs, Mode, Reason,
    plan::{Cost, Plan},
};

/// Rows of the table on each side of what was decided.
const ROWS: u32 = 5;

/// How many workers there should be.
///
/// Workers are added while a further one, or a further group of them, saves more (delay cost of waiting runs, margins, work
/// left over) than it costs over the time that it is committed to: its start and the stabilisation window. That is the
/// fewest workers of least total cost. More are asked for at once; fewer only when every recommendation of the window
/// was lower, and when they save more than the hysteresis. Pure: equal inputs give an equal decision, in every field.
///
/// Settings are taken as [`super::Settings::validate`] passes them.
pub fn decide(inputs: &Inputs) -> Decision {
    let current = inputs.fleet.workers();
    let most = inputs.settings.most(inputs.worker_micros_per_hour);
    // One more than allowed, to know whether the bound is what settles it.
    let beyond = inputs.settings.max.saturating_add(1);
    let plan = Plan::new(inputs, beyond, true);
    let best = cheapest(&plan, inputs.settings.min, beyond);
    let recommended = best.min(most);
    let (desired, reason) = settle(inputs, &plan, best, most);
    Decision {
        desired,
        recommended,
        reason,
        table: table(&plan, &[desired, recommended, current], beyond.max(current)),
        inputs: inputs.clone(),
    }
}

/// The fewest workers of least total cost.
fn cheapest(plan: &Plan, min: u32, max: u32) -> u32 {
    let mut best = (min, plan.cost(min).total());
    for workers in min + 1..=max {
        let cost = plan.cost(workers);
        if cost.total() < best.1 {
            best = (workers, cost.total());
        }
        if cost.of_workers() > best.1 {
            // Only more so from here on.
            break;
        }
    }
    best.0
}

/// What becomes of the cheapest number under bounds, mode, hysteresis and stabilisation.
fn settle(inputs: &Inputs, plan: &Plan, best: u32, most: u32) -> (u32, Reason) {
    let settings = &inputs.settings;
    let current = inputs.fleet.workers();
    let bounded = current.clamp(settings.min, most);
    if settings.mode == Mode::Stabilize {
        return (bounded, Reason::Stabilize);
    }
    if best > most && bounded >= most {
        return (most, limit(inputs));
    }
    if bounded > current && best <= bounded {
        return (bounded, Reason::Minimum);
    }
    if best > bounded {
        return (best.min(most), upwards(inputs, best, most));
    }
    downwards(inputs, plan, best, bounded)
}

fn limit(inputs: &Inputs) -> Reason {
    let settings = &inputs.settings;
    if settings.affordable(inputs.worker_micros_per_hour) < settings.max {
        Reason::Budget
    } else {
        Reason::Maximum
    }
}

/// Why there are to be more.
fn upwards(inputs: &Inputs, best: u32, most: u32) -> Reason {
    if best > most {
        return limit(inputs);
    }
    let blind = Plan::new(inputs, inputs.settings.max, false);
    if cheapest(&blind, inputs.settings.min, best) < best {
        Reason::LookAhead
    } else {
        Reason::WorthMore
    }
}

/// Whether there are to be fewer.
fn downwards(inputs: &Inputs, plan: &Plan, best: u32, bounded: u32) -> (u32, Reason) {
    let settings = &inputs.settings;
    let current = inputs.fleet.workers();
    if best == bounded {
        let why = if bounded < current {
            limit(inputs)
        } else {
            Reason::Balanced
        };
        return (bounded, why);
    }
    let saved = plan.cost(bounded).total() - plan.cost(best).total();
    if saved < settings.hysteresis * plan.worker() {
        return (bounded, Reason::Hysteresis);
    }
    let held = inputs
        .recent
        .iter()
        .filter(|past| past.age_s <= settings.down_after_s)
        .map(|past| past.workers)
        .fold(best, u32::max)
        .min(bounded);
    match held {
        _ if held == bounded => (bounded, Reason::Stabilisation),
        _ => (held, Reason::NotWorthIt),
    }
}

/// Rows around the numbers that matter.
fn table(plan: &Plan, around: &[u32], limit: u32) -> Vec<Candidate> {
    let lowest = around.iter().min().map_or(0, |least| least.saturating_sub(ROWS));
    let mut rows = Vec::new();
    let mut fewer: Option<Cost> = lowest.checked_sub(1).map(|workers| plan.cost(workers));
    let mut workers = lowest;
    let highest = around
        .iter()
        .max()
        .map_or(0, |most| most.saturating_add(ROWS))
        .min(limit);
    while workers <= highest {
        let near = around.iter().any(|number| number.abs_diff(workers) <= ROWS);
        let cost = plan.cost(workers);
        if near {
            rows.push(cost.row(workers, fewer.as_ref()));
        }
        fewer = Some(cost);
        workers += 1;
    }
    rows
}
