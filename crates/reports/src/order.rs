//! Ordering reports and finding them.

use levqor_entities::{ids::ReportId, reports};
use levqor_platform::Platform;
use levqor_store::{Db, StoreError, TenantId};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{Kind, Period, Report, State};

/// An order.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// Which order: the same key in a tenant is the same report.
    pub key: String,
    /// What it tells about.
    pub kind: Kind,
    /// Which time.
    pub period: Period,
    /// Who gets it as a mail; a normalised address.
    pub mail_to: Option<String>,
}

/// Orders a report: the new row, or the one that this key stands for already.
pub async fn order(platform: &Platform, tenant: TenantId, new: NewReport) -> Result<Report, StoreError> {
    let db = &platform.db;
    let now = db.now().await?;
    let row = reports::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(ReportId(platform.ids.uuid_v7())),
        key: Set(new.key.clone()),
        kind: Set(new.kind),
        period_from: Set(new.period.from),
        period_to: Set(new.period.to),
        mail_to: Set(new.mail_to),
        state: Set(State::Queued),
        created_at: Set(now),
        ready_at: Set(None),
        pages: Set(None),
        size: Set(None),
        sha256: Set(None),
    };
    let tx = db.begin().await?;
    reports::insert_new(row)
        .exec_without_returning(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    let found = reports::secure_find(tenant)
        .filter(reports::Column::Key.eq(new.key))
        .one(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    tx.commit().await?;
    found.ok_or_else(|| StoreError::Corrupt("an ordered report is not there".to_owned()))
}

/// A report of this tenant.
pub async fn find(db: &Db, tenant: TenantId, id: ReportId) -> Result<Option<Report>, StoreError> {
    let found = reports::secure_find(tenant)
        .filter(reports::Column::Id.eq(id))
        .one(db.reader())
        .await;
    found.map_err(|error| db.error(error))
}

/// Reports of this tenant, newest first, older than the cursor.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    before: Option<ReportId>,
    limit: u64,
) -> Result<Vec<Report>, StoreError> {
    let mut select = reports::secure_find(tenant)
        .order_by_desc(reports::Column::Id)
        .limit(limit);
    if let Some(before) = before {
        select = select.filter(reports::Column::Id.lt(before));
    }
    select.all(db.reader()).await.map_err(|error| db.error(error))
}
