//! Making and changing budgets; each change is a line in the audit trail.

use levqor_audit::{Actor, Entry};
use levqor_entities::{
    api_keys,
    budgets::{self, Action, ActiveModel, Column, Model, Period, Scope},
};
use levqor_platform::Platform;
use levqor_store::{BudgetId, Db, KeyId, Prices, StoreError, TenantId, Timestamp, Tx};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Insert, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use serde_json::{Value, json};

use crate::{Standing, standing::standing};

/// Most budgets of a tenant: what each has spent is summed every second while its runs come in.
pub const MOST_BUDGETS: u64 = 50;

/// A budget to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBudget {
    /// Whose spending counts.
    pub scope: Scope,
    /// `namespace/name` or a key's id; empty for the whole tenant.
    pub subject: String,
    /// When it begins anew.
    pub period: Period,
    /// What may be spent, in minor units.
    pub most: i64,
    /// What happens when it is used up.
    pub action: Action,
}

/// What changes in a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What may be spent, in minor units.
    pub most: Option<i64>,
    /// What happens when it is used up.
    pub action: Option<Action>,
}

/// Why a budget is not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BudgetError {
    /// There is one of this scope, subject and period.
    #[error("there is such a budget")]
    Exists,
    /// The tenant has [`MOST_BUDGETS`].
    #[error("there are {MOST_BUDGETS} budgets")]
    TooMany,
    /// The tenant has no such key.
    #[error("there is no such key")]
    UnknownKey,
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a budget. It applies within a second, and to what was spent in its period before.
///
/// # Errors
/// See [`BudgetError`].
pub async fn create(
    platform: &Platform,
    tenant: TenantId,
    new: NewBudget,
    actor: Actor,
) -> Result<Model, BudgetError> {
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    if new.scope == Scope::Key {
        known_key(&tx, tenant, &new.subject).await?;
    }
    let count = budgets::secure_find(tenant).count(&*tx).await;
    if count.map_err(|error| tx.error(error))? >= MOST_BUDGETS {
        return Err(BudgetError::TooMany);
    }
    let budget = Model {
        id: BudgetId(platform.ids.uuid_v7()),
        tenant_id: tenant,
        scope: new.scope,
        subject: new.subject,
        period: new.period,
        most: new.most,
        action: new.action,
        created_at: now,
        updated_at: now,
    };
    let unique = [Column::TenantId, Column::Scope, Column::Subject, Column::Period];
    let written = Insert::one(budget.clone().into_active_model())
        .on_conflict(OnConflict::columns(unique).do_nothing().to_owned())
        .exec_without_returning(&*tx)
        .await;
    if written.map_err(|error| tx.error(error))? == 0 {
        return Err(BudgetError::Exists);
    }
    note(&tx, platform, now, &budget, "budgets.created", actor).await?;
    tx.commit().await?;
    Ok(budget)
}

async fn known_key(tx: &Tx, tenant: TenantId, subject: &str) -> Result<(), BudgetError> {
    let id: KeyId = subject.parse().map_err(|_| BudgetError::UnknownKey)?;
    let key = api_keys::secure_find(tenant)
        .filter(api_keys::Column::Id.eq(id))
        .one(&**tx)
        .await
        .map_err(|error| tx.error(error))?;
    key.map(drop).ok_or(BudgetError::UnknownKey)
}

/// Changes a budget; None when the tenant has no such budget.
///
/// # Errors
/// The database is away.
pub async fn change(
    platform: &Platform,
    tenant: TenantId,
    id: BudgetId,
    change: Change,
    actor: Actor,
) -> Result<Option<Model>, StoreError> {
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let mut row = ActiveModel {
        updated_at: Set(now),
        ..ActiveModel::default()
    };
    if let Some(most) = change.most {
        row.most = Set(most);
    }
    if let Some(action) = change.action {
        row.action = Set(action);
    }
    budgets::secure_update(tenant)
        .set(row)
        .filter(Column::Id.eq(id))
        .exec(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    let changed = budgets::secure_find(tenant)
        .filter(Column::Id.eq(id))
        .one(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    if let Some(budget) = &changed {
        note(&tx, platform, now, budget, "budgets.changed", actor).await?;
    }
    tx.commit().await?;
    Ok(changed)
}

/// Deletes a budget; false when the tenant has no such budget.
///
/// # Errors
/// The database is away.
pub async fn delete(
    platform: &Platform,
    tenant: TenantId,
    id: BudgetId,
    actor: Actor,
) -> Result<bool, StoreError> {
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let this = budgets::secure_find(tenant)
        .filter(Column::Id.eq(id))
        .one(&*tx)
        .await;
    let Some(budget) = this.map_err(|error| tx.error(error))? else {
        return Ok(false);
    };
    budgets::secure_delete(tenant)
        .filter(Column::Id.eq(id))
        .exec(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    note(&tx, platform, now, &budget, "budgets.deleted", actor).await?;
    tx.commit().await?;
    Ok(true)
}

async fn note(
    tx: &Tx,
    platform: &Platform,
    now: Timestamp,
    budget: &Model,
    kind: &str,
    actor: Actor,
) -> Result<(), StoreError> {
    let detail: Value = json!({
        "budget": budget.id, "scope": named(&budget.scope), "subject": budget.subject,
        "period": named(&budget.period), "most": budget.most, "action": named(&budget.action),
    });
    let entry = Entry {
        tenant: budget.tenant_id,
        stream: "budgets",
        kind,
        actor,
        subject: None,
        detail: &detail,
    };
    levqor_audit::append(tx, platform, now, entry).await
}

/// As it is stored.
fn named<E: sea_orm::ActiveEnum<Value = String>>(value: &E) -> String {
    value.to_value()
}

/// A tenant's budgets, the oldest first; at most [`MOST_BUDGETS`] and some.
///
/// # Errors
/// The database is away.
pub async fn budgets(db: &Db, tenant: TenantId) -> Result<Vec<Model>, StoreError> {
    let found = budgets::secure_find(tenant)
        .order_by_asc(Column::Id)
        .all(db.reader());
    found.await.map_err(|error| db.error(error))
}

/// A budget as it stands now; None when the tenant has no such budget.
///
/// # Errors
/// The database is away.
pub async fn budget(
    db: &Db,
    prices: Prices,
    tenant: TenantId,
    id: BudgetId,
) -> Result<Option<Standing>, StoreError> {
    let found = budgets::secure_find(tenant)
        .filter(Column::Id.eq(id))
        .one(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    match found {
        Some(budget) => standing(db, prices, budget, db.now().await?).await.map(Some),
        None => Ok(None),
    }
}
