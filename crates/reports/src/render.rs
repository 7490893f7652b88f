//! Gathering, writing and storing.

use levqor_entities::{ids::ReportId, reports};
use levqor_objects::Key;
use levqor_pdf::Date;
use levqor_store::{StoreError, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use sha2::{Digest, Sha256};

use crate::{Kind, Report, ReportError, Scope, State, evidence, find, operations, period};

/// Where the file of a report is.
pub fn object_key(id: ReportId) -> Result<Key, StoreError> {
    let key = Key::new(format!("reports/{id}.pdf"));
    key.ok_or_else(|| StoreError::Corrupt("a report's id makes no object key".to_owned()))
}

/// Writes the report's file and marks it ready; does nothing when it is. A repeat after a crash writes it anew.
///
/// # Errors
/// There is no such report; database or object storage are away.
pub async fn render(scope: Scope<'_>, id: ReportId) -> Result<Report, ReportError> {
    let db = &scope.platform.db;
    let report = find(db, scope.tenant, id).await?.ok_or(ReportError::Unknown)?;
    if report.state == State::Ready {
        return Ok(report);
    }
    let now = db.now().await?;
    let pages = match report.kind {
        Kind::Operations => operations::report(scope, &report, now).await?,
        Kind::Evidence => evidence::report(scope, &report, now).await?,
    };
    let rendered = blocking(move || levqor_pdf::render(&pages)).await??;
    let (digest, size) = (Sha256::digest(&rendered.bytes).to_vec(), rendered.bytes.len());
    scope
        .platform
        .objects
        .put(&object_key(id)?, rendered.bytes.into())
        .await?;
    ready(scope, id, now, (rendered.pages, size, digest)).await?;
    find(db, scope.tenant, id).await?.ok_or(ReportError::Unknown)
}

/// Laying pages out takes tens of milliseconds of a processor.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::Unavailable(format!("the report was not written: {error}")))
}

async fn ready(
    scope: Scope<'_>,
    id: ReportId,
    now: Timestamp,
    (pages, size, digest): (usize, usize, Vec<u8>),
) -> Result<(), StoreError> {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let tx = scope.platform.db.begin().await?;
    reports::secure_update(scope.tenant)
        .filter(reports::Column::Id.eq(id))
        .filter(reports::Column::State.eq(State::Queued))
        .col_expr(reports::Column::State, Expr::value(State::Ready))
        .col_expr(reports::Column::ReadyAt, Expr::value(now))
        .col_expr(reports::Column::Pages, Expr::value(number(pages)))
        .col_expr(reports::Column::Size, Expr::value(number(size)))
        .col_expr(reports::Column::Sha256, Expr::value(digest))
        .exec(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    tx.commit().await
}

/// The file's date.
pub(crate) fn date(at: Timestamp) -> Date {
    let at = period::zoned(at);
    let small = |n: i8| u8::try_from(n).unwrap_or(0);
    Date {
        year: u16::try_from(at.year()).unwrap_or(0),
        month: small(at.month()),
        day: small(at.day()),
        hour: small(at.hour()),
        minute: small(at.minute()),
        second: small(at.second()),
    }
}
