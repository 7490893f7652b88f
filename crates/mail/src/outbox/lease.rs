//! Taking mails that are due, so that nobody else does.

use levqor_entities::{
    ids::MailId,
    mails::{self, Column, Model},
};
use levqor_store::{Db, StoreError, Timestamp};
use sea_orm::{
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockBehavior, LockType},
};

use super::lease_of;

/// At most `limit` mails of all tenants, longest due first. Each is hidden for the time of its lease, and its try
/// counts, from the commit in here on: a process that dies with it loses time only.
pub(crate) async fn lease(db: &Db, limit: u64) -> Result<Vec<Model>, StoreError> {
    if !any_waits(db).await? {
        return Ok(Vec::new());
    }
    let now = db.now().await?;
    let tx = db.begin().await?;
    let mut due = mails::find_due(now)
        .order_by_asc(Column::Due)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    for mail in &mut due {
        mail.attempts += 1;
        mail.due = now.after(lease_of(mail.attempts));
        mails::secure_update(mail.tenant_id)
            .col_expr(Column::Attempts, Expr::value(mail.attempts))
            .col_expr(Column::Due, Expr::value(mail.due))
            .filter(Column::Id.eq(mail.id))
            .exec(&*tx)
            .await
            .map_err(|error| tx.error(error))?;
    }
    tx.commit().await?;
    Ok(due)
}

/// Whether a mail waits, due or not. Mostly none does: then neither the time nor a transaction is asked for.
async fn any_waits(db: &Db) -> Result<bool, StoreError> {
    let waits = mails::find_due(Timestamp(i64::MAX))
        .select_only()
        .column(Column::Id)
        .limit(1)
        .into_tuple::<MailId>()
        .one(db.reader())
        .await;
    Ok(waits.map_err(|error| db.error(error))?.is_some())
}
