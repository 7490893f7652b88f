//! The operator's daily summary, as a mail: what was done, what waits, how the service was, and what to look at.

mod warn;

use std::time::Duration;

use levqor_entities::{mails, retention_certificates};
use levqor_mail::{
    Envelope, Kind, enqueue,
    letters::{DailySummary, Section},
};
use levqor_status::{Status, Told, Uptime, status, uptime, word};
use levqor_store::{Fleet, StoreError, Tally, Timestamp};
use sea_orm::QueryOrder;

use self::warn::warnings;
use crate::{
    Period, ReportError, Scope, day_before,
    numbers::{count, duration, share},
    operations::{Sum, mails_by_state, sums},
    period::{day_name, minute},
};

/// Workflows among the slowest.
const SLOWEST: usize = 5;

/// Writes the mail about the day before, once for the day; true when one is in the outbox for it, false when there is no
/// address of the operator. `here` is the time of this machine.
///
/// # Errors
/// The database is away.
pub async fn daily(scope: Scope<'_>, here: Timestamp) -> Result<bool, ReportError> {
    let platform = scope.platform;
    let Some(to) = platform.operator_mail.as_deref() else {
        return Ok(false);
    };
    let now = platform.db.now().await?;
    let day = day_before(now);
    let letter = letter(scope, day, here).await?;
    let envelope = Envelope {
        tenant: scope.tenant,
        key: format!("daily/{}", day.from.0),
        kind: Kind::Transactional,
        to: to.to_owned(),
        user: None,
        attachments: Vec::new(),
    };
    let tx = platform.db.begin().await?;
    enqueue(&tx, platform, now, envelope, &letter).await?;
    tx.commit().await?;
    Ok(true)
}

async fn letter(scope: Scope<'_>, day: Period, here: Timestamp) -> Result<DailySummary, StoreError> {
    let db = &scope.platform.db;
    let status = status(db).await?;
    let measured = uptime(db, day.from, day.to).await?;
    let tallies = db.tallies(None, day.from, day.to).await?;
    let certificate = retention_certificates::secure_find(scope.tenant)
        .order_by_desc(retention_certificates::Column::Number)
        .one(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let certified = certificate.as_ref().map(|found| (found.number, found.issued_at));
    let mut sections = vec![
        service(&status, &measured, day),
        runs(&tallies),
        waiting(&db.fleet().await?, status.now),
    ];
    sections.extend(slowest(&tallies));
    sections.push(Section {
        title: "Mails that ended their way".to_owned(),
        lines: mails_by_state(scope, mails::Column::EndedAt, day).await?,
    });
    sections.push(retention(certified));
    Ok(DailySummary {
        day: day_name(day.from.0.div_euclid(DAY)),
        state: word(status.state).to_owned(),
        warnings: warnings(
            scope.platform,
            &status,
            &measured,
            certified.map(|(_, at)| at),
            here,
        ),
        sections,
    })
}

const DAY: i64 = 86_400_000_000;

fn line(name: impl Into<String>, value: impl Into<String>) -> (String, String) {
    (name.into(), value.into())
}

fn section(title: &str, lines: Vec<(String, String)>) -> Section {
    Section {
        title: title.to_owned(),
        lines,
    }
}

/// Uptime of the day and of thirty days, and incidents that the day saw.
fn service(status: &Status, day: &Uptime, period: Period) -> Section {
    let [_, _, month] = &status.uptime;
    let up = |found: &Uptime| {
        let (up, measured) = (found.measured - found.down, share(found.measured, found.window));
        format!(
            "{} of the {measured} that was measured",
            share(up, found.measured)
        )
    };
    let mut lines = vec![
        line("Uptime of the day", up(day)),
        line("Uptime of 30 days", up(month)),
    ];
    let seen = |told: &&Told| {
        let incident = &told.incident;
        incident.opened_at < period.to && incident.closed_at.is_none_or(|end| end >= period.from)
    };
    let incidents: Vec<_> = status.incidents.iter().filter(seen).collect();
    lines.push(line("Incidents", count(number(incidents.len()))));
    lines.extend(incidents.into_iter().map(|told| {
        let incident = &told.incident;
        let end = incident.closed_at.map_or_else(|| "open".to_owned(), minute);
        line(
            incident.title.clone(),
            format!("{} to {end}", minute(incident.opened_at)),
        )
    }));
    section("Service", lines)
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn runs(tallies: &[Tally]) -> Section {
    let sum = Sum::of(tallies);
    let lines = vec![
        line("Accepted", count(sum.runs)),
        line("Completed", count(sum.completed)),
        line("Faulted (dead letters)", count(sum.faulted)),
        line("Cancelled", count(sum.cancelled)),
        line("Not ended yet", count(sum.live())),
    ];
    section("Runs accepted on the day", lines)
}

fn waiting(waiting: &Fleet, now: Timestamp) -> Section {
    let age = |since: Option<Timestamp>| {
        let micros = since.map(|since| (now.0 - since.0).max(0));
        micros.map_or_else(|| "–".to_owned(), duration)
    };
    let lines = vec![
        line("Runs that a worker could take", count(waiting.backlog.count)),
        line("The oldest of them waits for", age(waiting.backlog.oldest)),
        line("Mails that have not left", count(waiting.mails.count)),
    ];
    section("Waiting now", lines)
}

/// Workflows whose completed runs took longest in the mean; none when no run completed.
fn slowest(tallies: &[Tally]) -> Option<Section> {
    let mut slowest: Vec<(i64, &str, Sum)> = sums(tallies)
        .into_iter()
        .filter_map(|(name, sum)| Some((sum.mean_micros()?, name, sum)))
        .collect();
    slowest.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let lines: Vec<_> = slowest
        .into_iter()
        .take(SLOWEST)
        .map(|(mean, name, sum)| {
            let (mean, longest) = (duration(mean), duration(sum.longest));
            line(name, format!("{mean} in the mean, {longest} at most"))
        })
        .collect();
    (!lines.is_empty()).then(|| section("Slowest workflows", lines))
}

fn retention(certified: Option<(i64, Timestamp)>) -> Section {
    let last = certified.map_or_else(
        || "none yet".to_owned(),
        |(number, at)| format!("{number}, of {}", minute(at)),
    );
    section("Retention", vec![line("Last certificate", last)])
}

/// A sweep runs every night; after this long one was missed.
const MISSED: Duration = Duration::from_hours(48);
