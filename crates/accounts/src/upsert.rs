//! Making and changing records.

use levqor_entities::users::{self, Column};
use levqor_platform::Platform;
use levqor_store::{StoreError, TenantId, Timestamp, Tx, UserId};
use sea_orm::{
    ColumnTrait, Insert, IntoActiveModel, QueryFilter, QuerySelect, TryInsertResult, sea_query::Expr,
};

use crate::{ChangeError, Changes, Email};

/// A person as a caller knows them.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// By which the record is found.
    pub email: Email,
    /// What it gets.
    pub changes: Changes,
}

impl From<Email> for NewUser {
    fn from(email: Email) -> Self {
        let changes = Changes::default();
        Self { email, changes }
    }
}

/// The record after an upsert.
#[derive(Clone, Debug)]
pub struct Upserted {
    /// As it is now.
    pub user: users::Model,
    /// It was made.
    pub created: bool,
    /// It was made, or something in it is different from before.
    pub changed: bool,
}

/// The record after an update.
#[derive(Clone, Debug)]
pub struct Updated {
    /// As it is now.
    pub user: users::Model,
    /// Something in it is different from before.
    pub changed: bool,
}

/// The record with this address, made when there is none, with the changes. Of any number of calls at once, exactly
/// one makes it.
///
/// # Errors
/// `meta` grows too large, or what the database says. [`StoreError::Retry`] when the record was erased meanwhile.
pub async fn upsert(platform: &Platform, tenant: TenantId, new: NewUser) -> Result<Upserted, ChangeError> {
    let now = platform.db.now().await?;
    let mut made = blank(UserId(platform.ids.uuid_v7()), tenant, &new.email, now);
    new.changes.clone().apply(&mut made)?;
    let tx = platform.db.begin().await?;
    let created = insert(&tx, &made).await?;
    let Updated { user, changed } = if created {
        let (user, changed) = (made, true);
        Updated { user, changed }
    } else {
        let select = users::secure_find(tenant).filter(Column::Email.eq(new.email.as_str()));
        change(&tx, select, now, new.changes).await?.ok_or_else(gone)?
    };
    tx.commit().await?;
    Ok(Upserted {
        user,
        created,
        changed,
    })
}

/// The record with this id, changed; None when there is none.
///
/// # Errors
/// `meta` grows too large, or what the database says.
pub async fn update(
    platform: &Platform,
    tenant: TenantId,
    id: UserId,
    changes: Changes,
) -> Result<Option<Updated>, ChangeError> {
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let select = users::secure_find(tenant).filter(Column::Id.eq(id));
    let updated = change(&tx, select, now, changes).await?;
    tx.commit().await?;
    Ok(updated)
}

fn blank(id: UserId, tenant: TenantId, email: &Email, now: Timestamp) -> users::Model {
    users::Model {
        id,
        tenant_id: tenant,
        email: email.as_str().to_owned(),
        name: None,
        locale: None,
        currency: None,
        meta: "{}".to_owned(),
        terms_version: None,
        terms_at: None,
        terms_ip: None,
        created_at: now,
        updated_at: now,
    }
}

fn gone() -> StoreError {
    StoreError::Retry("the record was erased meanwhile".to_owned())
}

/// False when the address has a record already; on Postgres that is known once a rival's transaction is over.
async fn insert(tx: &Tx, user: &users::Model) -> Result<bool, StoreError> {
    let inserted = Insert::one(user.clone().into_active_model())
        .on_conflict_do_nothing_on([Column::TenantId, Column::Email])
        .exec_without_returning(&**tx)
        .await
        .map_err(|error| tx.error(error))?;
    Ok(matches!(inserted, TryInsertResult::Inserted(1)))
}

/// Changes the record that is found, holding it until the transaction ends.
async fn change<E>(
    tx: &Tx,
    select: sea_orm::Select<E>,
    now: Timestamp,
    changes: Changes,
) -> Result<Option<Updated>, ChangeError>
where
    E: sea_orm::EntityTrait<Model = users::Model>,
{
    let found = select.lock_exclusive().one(&**tx).await;
    let Some(mut user) = found.map_err(|error| tx.error(error))? else {
        return Ok(None);
    };
    let different = changes.apply(&mut user)?;
    if different {
        user.updated_at = now;
        write(tx, &user).await?;
    }
    Ok(Some(Updated {
        user,
        changed: different,
    }))
}

async fn write(tx: &Tx, user: &users::Model) -> Result<(), StoreError> {
    let written = users::secure_update(user.tenant_id)
        .filter(Column::Id.eq(user.id))
        .col_expr(Column::Name, Expr::value(user.name.clone()))
        .col_expr(Column::Locale, Expr::value(user.locale.clone()))
        .col_expr(Column::Currency, Expr::value(user.currency.clone()))
        .col_expr(Column::Meta, Expr::value(user.meta.clone()))
        .col_expr(Column::UpdatedAt, Expr::value(user.updated_at))
        .exec(&**tx)
        .await;
    written.map(drop).map_err(|error| tx.error(error))
}
