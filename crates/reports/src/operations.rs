//! The operations report: runs by day and by workflow, mails, requests of people.

use std::collections::BTreeMap;

use levqor_entities::mails;
use levqor_pdf::{Align, Block, Chart, Column, Point, Report as Pages, Table};
use levqor_store::{RunState, StoreError, Tally, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use crate::{
    Kind, Period, Report, Scope,
    numbers::{count, duration, share},
    period::{day_name, minute},
    render::date,
};

/// Workflows in the table; the rest is summed in a last row.
const WORKFLOWS: usize = 25;

/// What a report of this kind is called.
pub(crate) fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Operations => "Operations report",
        Kind::Evidence => "Evidence report",
    }
}

/// Gathers the figures.
pub(crate) async fn report(scope: Scope<'_>, report: &Report, now: Timestamp) -> Result<Pages, StoreError> {
    let period = Period {
        from: report.period_from,
        to: report.period_to,
    };
    let db = &scope.platform.db;
    let tallies = db.tallies(scope.counted(), period.from, period.to).await?;
    let mut blocks = vec![Block::Heading("Summary".to_owned()), summary(&tallies)];
    blocks.push(Block::Heading("Runs by day".to_owned()));
    blocks.push(by_day(&tallies, period));
    blocks.push(Block::Heading("Runs by workflow".to_owned()));
    blocks.push(by_workflow(&tallies));
    blocks.push(Block::Heading("Mail".to_owned()));
    blocks.push(mail(scope, period).await?);
    blocks.push(Block::Text(format!(
        "Counted in the database at {}. Runs are counted on the day they were accepted, in the state they were in when \
         this report was made; a duration is the time from acceptance to the end.",
        minute(now)
    )));
    Ok(Pages {
        title: title(Kind::Operations).to_owned(),
        subtitle: period.shown(),
        language: "en".to_owned(),
        created: date(now),
        footer: "Confidential".to_owned(),
        blocks,
    })
}

/// Sums of tallies.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sum {
    pub(crate) runs: i64,
    pub(crate) completed: i64,
    pub(crate) faulted: i64,
    pub(crate) cancelled: i64,
    took: i64,
    pub(crate) longest: i64,
}

impl Sum {
    pub(crate) fn of<'a>(tallies: impl IntoIterator<Item = &'a Tally>) -> Self {
        tallies.into_iter().fold(Self::default(), Self::add)
    }

    fn add(mut self, tally: &Tally) -> Self {
        self.runs += tally.runs;
        match tally.state {
            RunState::Completed => {
                self.completed += tally.runs;
                self.took += tally.took;
                self.longest = self.longest.max(tally.longest);
            }
            RunState::Faulted => self.faulted += tally.runs,
            RunState::Cancelled => self.cancelled += tally.runs,
            _ => {}
        }
        self
    }

    pub(crate) fn live(self) -> i64 {
        self.runs - self.completed - self.faulted - self.cancelled
    }

    /// Microseconds from acceptance to the end of a completed run; none when there is none.
    pub(crate) fn mean_micros(self) -> Option<i64> {
        self.took.checked_div(self.completed)
    }

    fn mean(self) -> String {
        self.mean_micros().map_or_else(|| "–".to_owned(), duration)
    }
}

fn summary(tallies: &[Tally]) -> Block {
    let sum = Sum::of(tallies);
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let of_all = |part| format!("{} ({})", count(part), share(part, sum.runs));
    Block::Facts(vec![
        fact("Runs accepted", count(sum.runs)),
        fact("Completed", of_all(sum.completed)),
        fact("Faulted (dead letters)", of_all(sum.faulted)),
        fact("Cancelled", of_all(sum.cancelled)),
        fact("Not ended yet", of_all(sum.live())),
        fact("Mean duration of completed runs", sum.mean()),
        fact(
            "Longest",
            if sum.completed > 0 {
                duration(sum.longest)
            } else {
                "–".to_owned()
            },
        ),
    ])
}

fn by_day(tallies: &[Tally], period: Period) -> Block {
    let point = |day: i64| {
        let runs = Sum::of(tallies.iter().filter(|tally| tally.day == day)).runs;
        Point {
            name: day_name(day),
            #[expect(clippy::cast_precision_loss, reason = "the length of a bar")]
            value: runs as f64,
            shown: count(runs),
        }
    };
    Block::Chart(Chart {
        title: "Runs accepted".to_owned(),
        points: period.days().into_iter().map(point).collect(),
    })
}

/// Sums of each workflow, by name.
pub(crate) fn sums(tallies: &[Tally]) -> Vec<(&str, Sum)> {
    let mut workflows: BTreeMap<&str, Sum> = BTreeMap::new();
    for tally in tallies {
        let sum = workflows.entry(&tally.workflow).or_default();
        *sum = sum.add(tally);
    }
    workflows.into_iter().collect()
}

fn by_workflow(tallies: &[Tally]) -> Block {
    let mut sums = sums(tallies);
    // Most runs first; names keep the order among equals, so that the same figures give the same report.
    sums.sort_by_key(|(_, sum)| -sum.runs);
    let mut rows: Vec<Vec<String>> = sums
        .iter()
        .take(WORKFLOWS)
        .map(|(name, sum)| row(name, *sum))
        .collect();
    if let Some(others) = sums.get(WORKFLOWS..).filter(|others| !others.is_empty()) {
        let others_sum = Sum::of(
            tallies
                .iter()
                .filter(|t| others.iter().any(|(name, _)| *name == t.workflow)),
        );
        rows.push(row(&format!("{} others", others.len()), others_sum));
    }
    let column = |name: &str, weight, align| Column {
        name: name.to_owned(),
        weight,
        align,
    };
    Block::Table(Table {
        summary: "Runs by workflow".to_owned(),
        columns: vec![
            column("Workflow", 3.0, Align::Left),
            column("Accepted", 1.1, Align::Right),
            column("Completed", 1.2, Align::Right),
            column("Faulted", 1.0, Align::Right),
            column("Mean duration", 1.4, Align::Right),
        ],
        rows,
    })
}

fn row(name: &str, sum: Sum) -> Vec<String> {
    vec![
        name.to_owned(),
        count(sum.runs),
        count(sum.completed),
        count(sum.faulted),
        sum.mean(),
    ]
}

/// Mails written in the period, by what became of them.
async fn mail(scope: Scope<'_>, period: Period) -> Result<Block, StoreError> {
    Ok(Block::Facts(
        mails_by_state(scope, mails::Column::CreatedAt, period).await?,
    ))
}

/// How many mails have this time in the period, by what became of them.
pub(crate) async fn mails_by_state(
    scope: Scope<'_>,
    clock: mails::Column,
    period: Period,
) -> Result<Vec<(String, String)>, StoreError> {
    let db = &scope.platform.db;
    let from_to = mails::find_for_report(scope.counted())
        .filter(clock.gte(period.from))
        .filter(clock.lt(period.to));
    let counted: Vec<(mails::State, i64)> = from_to
        .select_only()
        .column(mails::Column::State)
        .column_as(mails::Column::Id.count(), "count")
        .group_by(mails::Column::State)
        .into_tuple()
        .all(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let of = |state| {
        let found = counted.iter().find(|(known, _)| *known == state);
        count(found.map_or(0, |(_, number)| *number))
    };
    let states = [
        ("Sent", mails::State::Sent),
        ("Waiting", mails::State::Queued),
        ("Given up", mails::State::Failed),
        ("Not sent: address suppressed", mails::State::Suppressed),
        ("Not sent: no consent", mails::State::Refused),
    ];
    Ok(states.map(|(name, state)| (name.to_owned(), of(state))).into())
}
