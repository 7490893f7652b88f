//! The checks themselves.

use levqor_entities::{dsar_requests, mails};
use levqor_store::{RunState, StoreError, Timestamp};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};

use super::Check;
use crate::{Period, Scope, numbers::count, numbers::share};

/// Faulted runs in a hundred thousand that are no cause for alarm: 0.5 %.
const FAULTED: i64 = 500;

/// All, in the order of the report.
pub(super) async fn all(scope: Scope<'_>, period: Period, now: Timestamp) -> Result<Vec<Check>, StoreError> {
    let mut checks = Vec::new();
    if scope.installation {
        checks.extend(configuration(scope));
        checks.push(schema(scope).await?);
    }
    checks.push(audit(scope).await?);
    checks.push(on_time(scope, now).await?);
    checks.push(runs(scope, period).await?);
    checks.push(mail(scope, period).await?);
    Ok(checks)
}

fn configuration(scope: Scope<'_>) -> [Check; 2] {
    let set = |name, setting: &str, there: bool| Check {
        category: "Installation",
        name,
        passed: there,
        detail: if there {
            format!("{setting} is set.")
        } else {
            format!("{setting} is not set; set it in every process.")
        },
    };
    let platform = scope.platform;
    [
        set("Secret key", "secret_key", platform.secrets.is_some()),
        set("Public address", "public_url", platform.public_url.is_some()),
    ]
}

async fn schema(scope: Scope<'_>) -> Result<Check, StoreError> {
    let db = &scope.platform.db;
    let pending = levqor_migration::pending(db.reader().unbounded())
        .await
        .map_err(|error| db.error(error))?;
    Ok(Check {
        category: "Installation",
        name: "Database schema",
        passed: pending.is_empty(),
        detail: match pending.first() {
            None => "All migrations are applied.".to_owned(),
            Some(first) => format!("Migration {first} is not applied; run levqor migrate."),
        },
    })
}

/// Reads every entry of the audit trail and computes its chain anew.
async fn audit(scope: Scope<'_>) -> Result<Check, StoreError> {
    let chains = levqor_audit::Scope {
        tenant: scope.counted(),
        stream: None,
    };
    let mut first = None;
    let totals = levqor_audit::verify(&scope.platform.db, &chains, |fault| {
        first.get_or_insert_with(|| format!("stream {} entry {}", fault.stream, fault.seq));
    })
    .await?;
    Ok(Check {
        category: "Records",
        name: "Audit trail",
        passed: totals.faults == 0,
        detail: match first {
            None => format!(
                "{} entries in {} chains are whole.",
                totals.entries, totals.chains
            ),
            Some(first) => format!(
                "{} faults, the first at {first}; levqor audit verify lists them.",
                totals.faults
            ),
        },
    })
}

/// GDPR article 12(3).
async fn on_time(scope: Scope<'_>, now: Timestamp) -> Result<Check, StoreError> {
    let db = &scope.platform.db;
    let late = dsar_requests::find_late(scope.counted(), now)
        .count(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    Ok(Check {
        category: "Privacy",
        name: "Requests answered in time",
        passed: late == 0,
        detail: if late == 0 {
            "No open request is past its due date.".to_owned()
        } else {
            format!("{late} open requests are past their due date; answer them or tell the persons why not.")
        },
    })
}

async fn runs(scope: Scope<'_>, period: Period) -> Result<Check, StoreError> {
    let tallies = scope
        .platform
        .db
        .tallies(scope.counted(), period.from, period.to)
        .await?;
    let of = |state: Option<RunState>| -> i64 {
        let counted = tallies
            .iter()
            .filter(|tally| state.is_none_or(|state| tally.state == state));
        counted.map(|tally| tally.runs).sum()
    };
    let (all, faulted) = (of(None), of(Some(RunState::Faulted)));
    Ok(Check {
        category: "Operation",
        name: "Runs that faulted",
        passed: faulted.saturating_mul(100_000) <= all.saturating_mul(FAULTED),
        detail: format!(
            "{} of {} ({}; at most 0.50 % is expected).",
            count(faulted),
            count(all),
            share(faulted, all)
        ),
    })
}

async fn mail(scope: Scope<'_>, period: Period) -> Result<Check, StoreError> {
    let db = &scope.platform.db;
    let failed = mails::find_for_report(scope.counted())
        .filter(mails::Column::State.eq(mails::State::Failed))
        .filter(mails::Column::CreatedAt.gte(period.from))
        .filter(mails::Column::CreatedAt.lt(period.to))
        .count(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    Ok(Check {
        category: "Operation",
        name: "Mails given up",
        passed: failed == 0,
        detail: if failed == 0 {
            "None.".to_owned()
        } else {
            format!("{failed}; see GET /api/v1/mails?state=failed, mend the cause and retry them.")
        },
    })
}
