//! What the installation knows of itself, as rows: health of this hour, cost of yesterday, pulse of last week, keys, the
//! audit trail. Rows of runs come from the runs themselves, when they end.

use std::time::Duration;

use jiff::{ToSpan, Zoned, civil::Weekday, tz::TimeZone};
use levqor_entities::{api_keys, mails, tenants};
use levqor_platform::Platform;
use levqor_processes::SYSTEM;
use levqor_store::{RunState, StoreError, Tally, TenantId, Timestamp};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde_json::{Map, Value, json};

use crate::{Row, upsert};

/// Rows written in one transaction.
const BATCH: usize = 200;

/// Writes the rows of this moment; a repeat within the hour changes what has changed. How many there are.
pub async fn collect(platform: &Platform) -> Result<usize, StoreError> {
    let now = platform.db.now().await?;
    let at = zoned(now);
    let mut rows = vec![
        health(platform, &at).await?,
        cost(platform, &at).await?,
        pulse(platform, &at).await?,
    ];
    rows.push(audit(platform, &at).await?);
    rows.extend(keys(platform).await?);
    for batch in rows.chunks(BATCH) {
        let tx = platform.db.begin().await?;
        for row in batch {
            upsert(&tx, platform, now, row.clone()).await?;
        }
        tx.commit().await?;
    }
    Ok(rows.len())
}

fn zoned(at: Timestamp) -> Zoned {
    jiff::Timestamp::from_microsecond(at.0)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned(TimeZone::UTC)
}

fn micros(at: &Zoned) -> Timestamp {
    Timestamp(at.timestamp().as_microsecond())
}

fn row(dataset: &'static str, external_id: String, fields: Value) -> Row {
    of_tenant(SYSTEM, dataset, external_id, fields)
}

fn of_tenant(tenant: TenantId, dataset: &'static str, external_id: String, fields: Value) -> Row {
    let fields = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    Row {
        tenant,
        dataset,
        external_id,
        fields,
    }
}

/// How long the database takes to answer, and what is late.
async fn health(platform: &Platform, at: &Zoned) -> Result<Row, StoreError> {
    let started = tokio::time::Instant::now();
    platform.db.now().await?;
    let took = started.elapsed();
    let status = if took < Duration::from_millis(500) {
        "Healthy"
    } else {
        "Degraded"
    };
    let hour = at.strftime("%Y-%m-%dT%H:00:00Z").to_string();
    Ok(row(
        "health",
        format!("database/{hour}"),
        json!({
            "name": "Database", "at": hour, "endpoint": "database", "status": status,
            "latency_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }),
    ))
}

fn runs(tallies: &[Tally], state: Option<RunState>) -> i64 {
    let counted = tallies
        .iter()
        .filter(|tally| state.is_none_or(|state| tally.state == state));
    counted.map(|tally| tally.runs).sum()
}

/// What yesterday took: money comes with the ledger.
async fn cost(platform: &Platform, at: &Zoned) -> Result<Row, StoreError> {
    let today = at.start_of_day().unwrap_or_else(|_| at.clone());
    let (from, to) = (micros(&today.saturating_sub(1.day())), micros(&today));
    let tallies = platform.db.tallies(None, from, to).await?;
    let sent = mails::find_for_report(None)
        .filter(mails::Column::State.eq(mails::State::Sent))
        .filter(mails::Column::EndedAt.gte(from))
        .filter(mails::Column::EndedAt.lt(to))
        .count(platform.db.reader())
        .await
        .map_err(|error| platform.db.error(error))?;
    let day = zoned(from).strftime("%Y-%m-%d").to_string();
    Ok(row(
        "cost",
        day.clone(),
        json!({"name": day, "date": day, "runs": runs(&tallies, None), "mails": sent}),
    ))
}

/// The last whole week, Monday to Sunday.
async fn pulse(platform: &Platform, at: &Zoned) -> Result<Row, StoreError> {
    let today = at.start_of_day().unwrap_or_else(|_| at.clone());
    let monday = today.saturating_sub(i64::from(today.weekday().since(Weekday::Monday)).days());
    let (from, to) = (micros(&monday.saturating_sub(1.week())), micros(&monday));
    let tallies = platform.db.tallies(None, from, to).await?;
    let (all, completed) = (runs(&tallies, None), runs(&tallies, Some(RunState::Completed)));
    let tenants = tenants::find_for_operator().count(platform.db.reader()).await;
    let tenants = tenants.map_err(|error| platform.db.error(error))?;
    let sunday = monday.saturating_sub(1.day()).strftime("%Y-%m-%d").to_string();
    let success = (all > 0).then(|| completed * 100 / all);
    Ok(row(
        "pulse",
        sunday.clone(),
        json!({
            "name": format!("Week to {sunday}"), "week_ending": sunday, "runs": all, "success": success,
            "active_tenants": tenants, "summary": format!("{completed} of {all} runs completed"),
        }),
    ))
}

/// Today's check of the whole audit trail.
async fn audit(platform: &Platform, at: &Zoned) -> Result<Row, StoreError> {
    let all = levqor_audit::Scope {
        tenant: None,
        stream: None,
    };
    let totals = levqor_audit::verify(&platform.db, &all, |_| {}).await?;
    let day = at.strftime("%Y-%m-%d").to_string();
    Ok(row(
        "audit_logs",
        day.clone(),
        json!({
            "audit_id": format!("Audit trail {day}"), "entries": totals.entries,
            "whole": totals.entries.saturating_sub(totals.faults), "faults": totals.faults, "at": day,
        }),
    ))
}

async fn keys(platform: &Platform) -> Result<Vec<Row>, StoreError> {
    let keys = api_keys::find_for_operator().all(platform.db.reader()).await;
    let keys = keys.map_err(|error| platform.db.error(error))?;
    Ok(keys
        .into_iter()
        .map(|key| {
            let status = if key.revoked_at.is_some() {
                "Revoked"
            } else {
                "Active"
            };
            let fields = json!({
                "name": key.name, "tenant": key.tenant_id.to_string(), "key_id": key.id.to_string(),
                "status": status, "created_at": zoned(key.created_at).timestamp().to_string(),
            });
            of_tenant(key.tenant_id, "api_keys", key.id.to_string(), fields)
        })
        .collect())
}
