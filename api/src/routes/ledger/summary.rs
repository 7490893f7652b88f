//! `GET /api/v1/ledger/summary`.

use std::{ops::Range, sync::Arc};

use jiff::{ToSpan, civil::Date};
use levqor_ledger::{Every, Line, summary};
use poem_openapi::{Enum, Object, OpenApi, param::Query};
use serde::Serialize;

use super::workflow;
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
    time,
};

pub(crate) struct Summary(pub Arc<Shared>);

/// Most days of a summary.
const LONGEST: i32 = 400;

/// What a line of a summary covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename = "SummaryPeriod", rename_all = "snake_case")]
enum PeriodName {
    /// A day, UTC.
    Day,
    /// A month of the calendar, UTC.
    Month,
    /// All days asked for.
    Total,
}

/// Costs by kind, in millionths of a minor unit: exact.
#[derive(Serialize, Object)]
struct CostMicros {
    /// Of the time that attempts took.
    worker: i64,
    /// Of attempts of `call: http`.
    calls: i64,
    /// Of mails sent.
    mails: i64,
}

/// What the runs of one workflow cost and brought in, in one period.
#[derive(Serialize, Object)]
struct SummaryLine {
    /// Its first day, `YYYY-MM-DD`.
    from: String,
    /// `namespace/name`; absent for mails.
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow: Option<String>,
    /// Runs that completed.
    completed: i64,
    /// Runs that faulted.
    faulted: i64,
    /// Runs that were cancelled.
    cancelled: i64,
    /// Seconds that attempts of activities and calls took.
    worker_seconds: f64,
    /// Attempts of `call: http`.
    calls: i64,
    /// Mails sent.
    mails: i64,
    /// Value of completed runs, in minor units.
    value: i64,
    /// All costs, rounded to minor units.
    cost: i64,
    /// Value less cost, in minor units.
    margin: i64,
    /// Costs before rounding.
    cost_micros: CostMicros,
}

/// Value, cost and margin by workflow and period.
#[derive(Serialize, Object)]
struct LedgerSummary {
    /// The first day, `YYYY-MM-DD`.
    from: String,
    /// The day after the last.
    to: String,
    /// What a line covers.
    period: PeriodName,
    /// ISO 4217, of all amounts.
    currency: String,
    /// By period, then workflow.
    lines: Vec<SummaryLine>,
}

impl Failures for Summary {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl Summary {
    /// Sum up value, cost and margin
    ///
    /// By workflow and period, of runs that ended and mails that were sent, those that are not booked yet included.
    #[oai(
        path = "/api/v1/ledger/summary",
        method = "get",
        operation_id = "getLedgerSummary",
        tag = "Tag::Money"
    )]
    async fn summary(
        &self,
        caller: Caller,
        /// First day, `YYYY-MM-DD`, UTC. Default: the first of this month.
        from: Query<Option<String>>,
        /// Day after the last, `YYYY-MM-DD`; at most 400 days after `from`. Default: tomorrow.
        to: Query<Option<String>>,
        /// What a line covers. Default: `total`.
        period: Query<Option<PeriodName>>,
        /// Only this workflow, `namespace/name`.
        workflow: Query<Option<String>>,
    ) -> Result<Json<LedgerSummary>, Failed<Self>> {
        let db = &self.0.api.platform.db;
        let accounting = &self.0.api.options.accounting;
        let range = range(from.0.as_deref(), to.0.as_deref(), time::day(db.now().await?))?;
        let workflow = self::workflow(workflow.0)?;
        let period = period.0.unwrap_or(PeriodName::Total);
        let every = match period {
            PeriodName::Day => Every::Day,
            PeriodName::Month => Every::Month,
            PeriodName::Total => Every::Total,
        };
        let lines = summary(
            db,
            accounting,
            caller.tenant,
            range.clone(),
            every,
            workflow.as_deref(),
        )
        .await?;
        let too_many = |_| {
            let detail = "There is too much to sum: ask for fewer days, or for one workflow.";
            Problem::new(Code::InvalidParameter, detail).parameter("from")
        };
        Ok(Json(LedgerSummary {
            from: range.start.to_string(),
            to: range.end.to_string(),
            period,
            currency: accounting.currency.clone(),
            lines: lines.map_err(too_many)?.into_iter().map(shown).collect(),
        }))
    }
}

fn range(from: Option<&str>, to: Option<&str>, today: Date) -> Result<Range<Date>, Problem> {
    let wrong = |name: &str, detail: &str| Problem::new(Code::InvalidParameter, detail).parameter(name);
    let date = |name: &str, text: &str| {
        let form = || wrong(name, "Expected a day such as 2026-01-31.");
        // Dates of other forms and centuries are the calendar library's, not ours.
        let plain = text.len() == 10 && text.is_ascii();
        text.parse().ok().filter(|_: &Date| plain).ok_or_else(form)
    };
    let from = match from {
        Some(text) => date("from", text)?,
        None => today.first_of_month(),
    };
    let to = match to {
        Some(text) => date("to", text)?,
        None => today.saturating_add(1.day()),
    };
    if to <= from || to > from.saturating_add(LONGEST.days()) {
        return Err(wrong("to", "Expected a day after `from`, by at most 400 days."));
    }
    Ok(from..to)
}

fn shown(line: Line) -> SummaryLine {
    let (cost, margin) = (line.cost(), line.margin());
    SummaryLine {
        from: line.from.to_string(),
        workflow: Some(line.workflow).filter(|name| !name.is_empty()),
        completed: line.completed,
        faulted: line.faulted,
        cancelled: line.cancelled,
        worker_seconds: std::time::Duration::from_micros(line.worker_us.unsigned_abs()).as_secs_f64(),
        calls: line.calls,
        mails: line.mails,
        value: line.value,
        cost,
        margin,
        cost_micros: CostMicros {
            worker: line.cost_worker,
            calls: line.cost_calls,
            mails: line.cost_mails,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_of_whole_days_and_bounded() {
        let today: Date = "2026-03-15".parse().unwrap();
        let shown = |from, to| range(from, to, today).map(|range| format!("{} {}", range.start, range.end));
        assert_eq!(shown(None, None).unwrap(), "2026-03-01 2026-03-16");
        assert_eq!(
            shown(Some("2025-12-31"), Some("2026-01-01")).unwrap(),
            "2025-12-31 2026-01-01"
        );
        for (from, to) in [
            (Some("2026-03-16"), None),
            (Some("2026-01-01"), Some("2026-01-01")),
            (Some("2024-01-01"), Some("2026-01-01")),
            (Some("20260101"), None),
            (Some("2026-02-30"), None),
            (None, Some("tomorrow")),
        ] {
            assert!(shown(from, to).is_err(), "{from:?} {to:?}");
        }
    }
}
