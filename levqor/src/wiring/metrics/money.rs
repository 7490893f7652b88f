//! Money: what the leader booked, and what it last saw of the day and the budgets. No tenant is named.

use std::{cmp::Reverse, sync::Arc};

use levqor_ledger::{Booked, DayMargin, Overview};
use levqor_scheduler::{MoneyFigures, SchedulerStats};
use levqor_telemetry::{Few, Metrics};
use opentelemetry::{KeyValue, StringValue, metrics::Counter};

use super::{gauge, minor_units, number};

/// Most workflows that have series of their own.
const WORKFLOWS: usize = 100;

/// Stands for the workflow of mails, which have none.
const NONE: &str = "none";

/// Counts what is booked. A process counts from its own start, so that rates may be summed over leaders.
pub(crate) struct Books {
    value: Counter<f64>,
    cost: Counter<f64>,
    currency: StringValue,
    workflows: Few,
}

impl Books {
    pub(crate) fn new(metrics: &Metrics, currency: &str) -> Self {
        Self {
            value: metrics.amounts(
                "levqor_booked_value_minor_units_total",
                "Value of completed runs, by currency and workflow (the first hundred seen, then other). By the leader since its \
                 process started, as it books: sum rates over leaders, not totals.",
            ),
            cost: metrics.amounts(
                "levqor_booked_cost_minor_units_total",
                "Cost by kind (worker, calls, mails), currency and workflow (the first hundred seen, then other; none for mails). \
                 By the leader since its process started, as it books: sum rates over leaders, not totals.",
            ),
            currency: currency.to_owned().into(),
            workflows: Few::new(WORKFLOWS),
        }
    }

    pub(crate) fn add(&self, booked: &Booked) {
        for (workflow, amounts) in &booked.workflows {
            let labels = [
                KeyValue::new("currency", self.currency.clone()),
                KeyValue::new("workflow", self.workflows.label(named(workflow))),
            ];
            if amounts.value > 0 {
                self.value.add(number(amounts.value), &labels);
            }
            for (kind, micros) in [
                ("worker", amounts.worker),
                ("calls", amounts.calls),
                ("mails", amounts.mails),
            ] {
                if micros > 0 {
                    let labels = [&labels[..], &[KeyValue::new("kind", kind)]].concat();
                    self.cost.add(minor_units(micros), &labels);
                }
            }
        }
    }
}

fn named(workflow: &str) -> &str {
    if workflow.is_empty() { NONE } else { workflow }
}

/// Reads what the leader saw last.
pub(super) fn gauges(metrics: &Metrics, stats: &Arc<SchedulerStats>) {
    let seen = stats.clone();
    metrics.gauges(
        "levqor_margin_today_minor_units",
        "Value less cost of what was booked for the day so far (UTC), by currency and workflow (the hundred that move most, then \
         other; none for mails). From the leader.",
        move || seen.money.lock().as_ref().map(margins).unwrap_or_default(),
    );
    let seen = stats.clone();
    metrics.gauges(
        "levqor_budgets",
        "Budgets by state: open, near (four fifths and more are spent), exhausted. From the leader.",
        move || seen.money.lock().as_ref().map(budgets).unwrap_or_default(),
    );
    let seen = stats.clone();
    metrics.gauge(
        "levqor_budget_spent_ratio",
        "Share spent of the budget that is furthest used up, 0 without budgets. From the leader.",
        move || {
            let figures = seen.money.lock();
            Some(figures.as_ref()?.overview.furthest.unwrap_or(0.0))
        },
    );
}

fn budgets(figures: &MoneyFigures) -> Vec<(Vec<KeyValue>, f64)> {
    let Overview {
        open,
        near,
        exhausted,
        ..
    } = figures.overview;
    let states = [("open", open), ("near", near), ("exhausted", exhausted)];
    states
        .map(|(state, count)| (vec![KeyValue::new("state", state)], gauge(count)))
        .into()
}

/// Margins by workflow, with few workflows.
fn margins(figures: &MoneyFigures) -> Vec<(Vec<KeyValue>, f64)> {
    let mut days: Vec<&DayMargin> = figures.overview.today.iter().collect();
    days.sort_by_cached_key(|day| Reverse(moved(day)));
    let rest = days.split_off(days.len().min(WORKFLOWS));
    let told = |workflow: &str, margin: f64| {
        let labels = vec![
            KeyValue::new("currency", figures.currency.clone()),
            KeyValue::new("workflow", workflow.to_owned()),
        ];
        (labels, margin)
    };
    let mut all: Vec<_> = days
        .iter()
        .map(|day| told(named(&day.workflow), margin(day)))
        .collect();
    if !rest.is_empty() {
        all.push(told("other", rest.iter().map(|day| margin(day)).sum()));
    }
    all
}

fn margin(day: &DayMargin) -> f64 {
    number(day.earned) - minor_units(day.cost)
}

/// Value and cost together, in millionths of a minor unit.
fn moved(day: &DayMargin) -> i128 {
    i128::from(day.earned) * i128::from(levqor_ledger::MICROS) + i128::from(day.cost)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use levqor_ledger::Amounts;

    use super::*;

    fn metrics() -> Arc<Metrics> {
        Metrics::new("test", "1").unwrap()
    }

    #[track_caller]
    fn has(text: &str, lines: &[&str]) {
        for line in lines {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
    }

    #[test]
    fn what_is_booked_is_counted_in_minor_units_by_currency_workflow_and_kind() {
        let metrics = metrics();
        let books = Books::new(&metrics, "EUR");
        let order = Amounts {
            value: 12,
            worker: 4_000_000,
            calls: 500_000,
            mails: 0,
        };
        let mails = Amounts {
            mails: 40_000,
            ..Amounts::default()
        };
        let workflows =
            [("shop/order", order), ("", mails)].map(|(name, amounts)| (name.to_owned(), amounts));
        let booked = Booked {
            rows: 2,
            workflows: workflows.into(),
        };
        books.add(&booked);
        books.add(&booked);
        let text = metrics.render();
        has(
            &text,
            &[
                "levqor_booked_value_minor_units_total{currency=\"EUR\",workflow=\"shop/order\"} 24",
                "levqor_booked_cost_minor_units_total{currency=\"EUR\",kind=\"worker\",workflow=\"shop/order\"} 8",
                "levqor_booked_cost_minor_units_total{currency=\"EUR\",kind=\"calls\",workflow=\"shop/order\"} 1",
                "levqor_booked_cost_minor_units_total{currency=\"EUR\",kind=\"mails\",workflow=\"none\"} 0.08",
            ],
        );
        assert!(!text.contains("kind=\"mails\",workflow=\"shop/order\""), "{text}");
    }

    #[test]
    fn workflows_beyond_the_hundredth_are_counted_together() {
        let metrics = metrics();
        let each = |n| {
            (
                format!("shop/w{n:03}"),
                Amounts {
                    value: 1,
                    ..Amounts::default()
                },
            )
        };
        Books::new(&metrics, "GBP").add(&Booked {
            rows: 150,
            workflows: (0..150).map(each).collect::<BTreeMap<_, _>>(),
        });
        let text = metrics.render();
        has(&text, &["workflow=\"other\"} 50", "workflow=\"shop/w099\"} 1"]);
        assert!(!text.contains("shop/w100"), "{text}");
    }

    #[test]
    fn only_a_leader_tells_of_the_day_and_of_budgets_and_a_loss_is_below_zero() {
        let stats = Arc::new(SchedulerStats::default());
        let metrics = metrics();
        gauges(&metrics, &stats);
        let text = metrics.render();
        assert!(
            !text.contains("levqor_budget") && !text.contains("levqor_margin"),
            "{text}"
        );
        let day = |n: i64| DayMargin {
            workflow: format!("shop/w{n:03}"),
            earned: 0,
            cost: (200 - n) * 1_000_000,
        };
        let overview = Overview {
            today: (0..101).map(day).collect(),
            open: 3,
            near: 2,
            exhausted: 1,
            furthest: Some(1.25),
        };
        *stats.money.lock() = Some(MoneyFigures {
            currency: "GBP".to_owned(),
            overview,
        });
        has(
            &metrics.render(),
            &[
                "levqor_margin_today_minor_units{currency=\"GBP\",workflow=\"shop/w000\"} -200",
                "levqor_margin_today_minor_units{currency=\"GBP\",workflow=\"other\"} -100",
                "levqor_budgets{state=\"exhausted\"} 1",
                "levqor_budgets{state=\"near\"} 2",
                "levqor_budgets{state=\"open\"} 3",
                "levqor_budget_spent_ratio 1.25",
            ],
        );
    }
}
