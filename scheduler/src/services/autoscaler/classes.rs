//! The classes of work: priorities, with the mean prices of what is in them.

use std::time::Duration;

use levqor_autoscaler::{ClassObservation, Due};
use levqor_queue::PRIORITIES;
use levqor_store::{Flow, Load, StoreError};

use super::worth::{Worth, Worths};
use crate::{Autoscaling, context::Context};

/// Labels of the priorities, the one that is served first at the head.
const NAMES: [&str; PRIORITIES] = ["high", "normal", "low"];

/// Millionths of a minor unit.
const MICROS: i128 = 1_000_000;

/// A class whose documents name no deadline loses nothing by it; the time is for show then.
const PATIENCE_S: u32 = 3_600;

/// The place of a priority in lists of classes.
pub(super) fn place(priority: i64) -> usize {
    usize::try_from(priority).unwrap_or(0).min(PRIORITIES - 1)
}

/// A count of rows as the rule takes it.
pub(super) fn count(rows: i64) -> u32 {
    u32::try_from(rows.max(0)).unwrap_or(u32::MAX)
}

/// Mean prices of a class.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Prices {
    delay_micros_per_s: i64,
    margin_micros: i64,
    patience_s: f64,
}

/// Sums over the runs of a class.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    runs: i128,
    /// Micro-minor-units an hour.
    delay: i128,
    /// Micro-minor-units, of runs with a deadline.
    margin: i128,
    /// Runs with a deadline, and the sum of their seconds.
    urgent: i128,
    patience: i128,
}

impl Sums {
    /// So many runs that their document says this of; `amount` is what one earns.
    fn add(&mut self, runs: i64, worth: Worth, amount: i64, options: &Autoscaling) {
        let runs = i128::from(runs.max(0));
        let delay = worth.delay_cost_per_hour.unwrap_or(options.delay_cost_per_hour);
        self.runs += runs;
        self.delay += runs * i128::from(delay) * MICROS;
        if let Some(deadline) = worth.deadline {
            self.margin += runs * i128::from(amount) * MICROS;
            self.urgent += runs;
            self.patience += runs * i128::from(deadline);
        }
    }

    /// None of an empty class.
    fn mean(&self) -> Option<Prices> {
        if self.runs == 0 {
            return None;
        }
        let whole = |sum: i128, of: i128| i64::try_from(sum / of).unwrap_or(i64::MAX);
        let patience = self.patience.checked_div(self.urgent);
        let patience = patience.and_then(|seconds| u32::try_from(seconds).ok());
        Some(Prices {
            delay_micros_per_s: whole(self.delay, self.runs * 3_600),
            margin_micros: whole(self.margin, self.runs),
            patience_s: patience.unwrap_or(PATIENCE_S).into(),
        })
    }
}

/// Prices of each class as they were last seen, for when there is nothing in it.
#[derive(Default)]
pub(super) struct Classes {
    worths: Worths,
    prices: [Option<Prices>; PRIORITIES],
}

impl Classes {
    /// Prices are means over what waits; over what runs when nothing does; else those of the last time.
    pub(super) async fn observe(
        &mut self,
        context: &Context,
        flow: &[Flow],
        load: &[Load],
        due: [Vec<Due>; PRIORITIES],
    ) -> Result<Vec<ClassObservation>, StoreError> {
        let mut waiting = [Sums::default(); PRIORITIES];
        let mut running = [Sums::default(); PRIORITIES];
        for row in load {
            let worth = self.worths.of(&context.platform.db, row.workflow_id).await?;
            let plan = row.plan.as_deref().unwrap_or_default();
            let usual = || context.options.accounting.values.of(plan);
            let amount = worth.amount.unwrap_or_else(usual);
            let options = &context.options.autoscaling;
            waiting[place(row.priority)].add(row.waiting, worth, amount, options);
            running[place(row.priority)].add(row.running, worth, amount, options);
        }
        let mut classes = Vec::with_capacity(PRIORITIES);
        for (place, due) in due.into_iter().enumerate() {
            let seen = waiting[place].mean().or_else(|| running[place].mean());
            let prices = seen.or(self.prices[place]);
            self.prices[place] = prices;
            let prices = prices.unwrap_or_else(|| unknown(&context.options.autoscaling));
            let depths = (waiting[place].runs, running[place].runs);
            classes.push(class(place, flow, depths, due, prices));
        }
        Ok(classes)
    }
}

/// Prices of a class in which nothing was seen yet.
fn unknown(options: &Autoscaling) -> Prices {
    Prices {
        delay_micros_per_s: options.delay_cost_per_hour.saturating_mul(1_000_000) / 3_600,
        margin_micros: 0,
        patience_s: PATIENCE_S.into(),
    }
}

fn class(
    at: usize,
    flow: &[Flow],
    (waiting, running): (i128, i128),
    due: Vec<Due>,
    prices: Prices,
) -> ClassObservation {
    let own = || flow.iter().filter(move |row| place(row.priority) == at);
    let depth = |runs: i128| u32::try_from(runs).unwrap_or(u32::MAX);
    let service_us: i64 = own().map(|row| row.service_us.max(0)).sum();
    ClassObservation {
        name: NAMES[at].to_owned(),
        arrivals: count(own().map(|row| row.arrived).sum()),
        ended: count(own().map(|row| row.ended).sum()),
        service_sum_s: Duration::from_micros(service_us.unsigned_abs()).as_secs_f64(),
        service_square_sum_s2: own().map(|row| row.service_square).sum(),
        waiting: depth(waiting),
        running: depth(running),
        due,
        delay_micros_per_s: prices.delay_micros_per_s,
        margin_micros: prices.margin_micros,
        patience_s: prices.patience_s,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_means_over_the_runs_and_those_without_a_deadline_lose_no_margin() {
        let options = Autoscaling {
            delay_cost_per_hour: 36,
            ..Autoscaling::default()
        };
        let urgent = Worth {
            amount: Some(10),
            delay_cost_per_hour: Some(72),
            deadline: Some(60),
        };
        let mut sums = Sums::default();
        assert_eq!(sums.mean(), None);
        sums.add(1, urgent, 10, &options);
        sums.add(1, Worth::default(), 5, &options);
        let expected = Prices {
            delay_micros_per_s: 15_000,
            margin_micros: 5_000_000,
            patience_s: 60.0,
        };
        assert_eq!(sums.mean(), Some(expected));
    }
}
