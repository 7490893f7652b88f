//! A tenant's own periods, within what a rule allows.

use levqor_audit::{Actor, Entry};
use levqor_entities::retention_overrides::{self, Column, Model};
use levqor_platform::Platform;
use levqor_store::{StoreError, TenantId, Timestamp, Tx};
use sea_orm::{ColumnTrait, Insert, IntoActiveModel, QueryFilter, sea_query::OnConflict};
use serde_json::json;

use crate::{policy::policy, who::who};

/// Why a period cannot be chosen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OverrideError {
    /// There is no such rule.
    #[error("there is no rule for {0}")]
    Unknown(String),
    /// The law, or what the rows are for, leaves no choice.
    #[error("the period of {0} is fixed")]
    Fixed(&'static str),
    /// Outside of the rule's bounds.
    #[error("the period of {dataset} must be {least} to {most} days")]
    OutOfBounds {
        /// The rule.
        dataset: &'static str,
        /// Least days.
        least: i64,
        /// Most days.
        most: i64,
    },
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Chooses a tenant's period for a rule, in days; the next sweep applies it. Replaces what was chosen before.
///
/// # Errors
/// See [`OverrideError`].
pub async fn choose(
    platform: &Platform,
    tenant: TenantId,
    dataset: &str,
    days: i64,
    reason: &str,
    actor: Actor,
) -> Result<(), OverrideError> {
    let dataset = allowed(dataset, days)?;
    let now = platform.db.now().await?;
    let row = Model {
        tenant_id: tenant,
        dataset: dataset.to_owned(),
        days,
        reason: reason.to_owned(),
        set_by: who(actor),
        updated_at: now,
    };
    let replace = OnConflict::columns([Column::TenantId, Column::Dataset])
        .update_columns([Column::Days, Column::Reason, Column::SetBy, Column::UpdatedAt])
        .to_owned();
    let tx = platform.db.begin().await?;
    let written = Insert::one(row.into_active_model())
        .on_conflict(replace)
        .exec_without_returning(&*tx)
        .await;
    written.map_err(|error| tx.error(error))?;
    let detail = json!({"dataset": dataset, "days": days, "reason": reason});
    note(
        &tx,
        platform,
        now,
        tenant,
        "retention.period_chosen",
        actor,
        &detail,
    )
    .await?;
    Ok(tx.commit().await?)
}

fn allowed(dataset: &str, days: i64) -> Result<&'static str, OverrideError> {
    let policy = policy(dataset).ok_or_else(|| OverrideError::Unknown(dataset.to_owned()))?;
    let dataset = policy.dataset;
    let (least, most) = policy.bounds();
    if policy.bounds.is_none() {
        Err(OverrideError::Fixed(dataset))
    } else if (least..=most).contains(&days) {
        Ok(dataset)
    } else {
        Err(OverrideError::OutOfBounds { dataset, least, most })
    }
}

/// Goes back to the rule's own period. False when the tenant had chosen none.
///
/// # Errors
/// There is no such rule, or the database is away.
pub async fn clear(
    platform: &Platform,
    tenant: TenantId,
    dataset: &str,
    actor: Actor,
) -> Result<bool, OverrideError> {
    let policy = policy(dataset).ok_or_else(|| OverrideError::Unknown(dataset.to_owned()))?;
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let own = retention_overrides::secure_delete(tenant).filter(Column::Dataset.eq(policy.dataset));
    let cleared = own
        .exec(&*tx)
        .await
        .map_err(|error| tx.error(error))?
        .rows_affected
        > 0;
    if cleared {
        let detail = json!({"dataset": policy.dataset});
        note(
            &tx,
            platform,
            now,
            tenant,
            "retention.period_cleared",
            actor,
            &detail,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(cleared)
}

async fn note(
    tx: &Tx,
    platform: &Platform,
    now: Timestamp,
    tenant: TenantId,
    kind: &str,
    actor: Actor,
    detail: &serde_json::Value,
) -> Result<(), StoreError> {
    let entry = Entry {
        tenant,
        stream: "retention",
        kind,
        actor,
        subject: None,
        detail,
    };
    levqor_audit::append(tx, platform, now, entry).await
}
