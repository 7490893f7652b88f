//! Bringing Notion up to date, a few rows at a time.

use std::{sync::Arc, time::Duration};

use levqor_entities::notion_rows::{Column, Model, find_due, secure_update};
use levqor_store::{Db, StoreError, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde_json::{Map, Value};

use crate::{Databases, Dataset, Failure, Workspace, dataset, properties::properties};

/// Rows of one pass: at three calls a second, and up to two calls a row, some seven seconds.
const BATCH: u64 = 10;

/// A leased row is nobody else's for so long: longer than a pass takes.
const LEASE: Duration = Duration::from_mins(2);

/// Pauses between tries: 10 s, doubling, at most an hour. There is no last try: Notion has it one day, or the row's
/// retention ends.
const FIRST_PAUSE: u64 = 10;
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// Sends rows.
pub struct Sender {
    db: Db,
    notion: Arc<dyn Workspace>,
    databases: Databases,
}

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Rows that Notion has now.
    pub synced: usize,
    /// Rows whose try failed.
    pub failed: usize,
    /// Whether more may be due.
    pub full: bool,
}

impl Sender {
    /// Over the table of this database.
    pub fn new(db: Db, notion: Arc<dyn Workspace>, databases: Databases) -> Self {
        Self {
            db,
            notion,
            databases,
        }
    }

    /// Sends what is due, at most ten rows. A row is leased before it is sent: a process that dies sends it again, and
    /// finds the page it made.
    pub async fn pass(&self) -> Result<Sent, StoreError> {
        let rows = self.lease().await?;
        let mut sent = Sent {
            full: rows.len() as u64 == BATCH,
            ..Sent::default()
        };
        for row in rows {
            match self.send(&row).await {
                Ok(page) => {
                    self.synced(&row, page).await?;
                    sent.synced += 1;
                }
                Err(failure) => {
                    self.failed(&row, &failure).await?;
                    sent.failed += 1;
                    if matches!(failure, Failure::Busy(_) | Failure::Unavailable(_)) {
                        // The others would meet the same; their leases run out.
                        sent.full = false;
                        break;
                    }
                }
            }
        }
        Ok(sent)
    }

    async fn lease(&self) -> Result<Vec<Model>, StoreError> {
        let now = self.db.now().await?;
        let tx = self.db.begin().await?;
        let rows = find_due(now)
            .limit(BATCH)
            .lock_with_behavior(
                sea_orm::sea_query::LockType::Update,
                sea_orm::sea_query::LockBehavior::SkipLocked,
            )
            .all(&*tx)
            .await
            .map_err(|error| tx.error(error))?;
        for row in &rows {
            secure_update(row.tenant_id)
                .filter(Column::Id.eq(row.id))
                .col_expr(Column::Due, Expr::value(now.after(LEASE)))
                .col_expr(Column::Attempts, Expr::value(row.attempts + 1))
                .exec(&*tx)
                .await
                .map_err(|error| tx.error(error))?;
        }
        tx.commit().await?;
        Ok(rows)
    }

    /// The page that holds the row now.
    async fn send(&self, row: &Model) -> Result<String, Failure> {
        let (known, source) = self.target(row)?;
        let fields: Map<String, Value> = serde_json::from_str(&row.fields).unwrap_or_default();
        let properties = properties(known, &row.external_id, &fields);
        if let Some(page) = &row.page_id {
            match self.notion.update(page, &properties).await {
                Ok(()) => return Ok(page.clone()),
                // Somebody deleted it for good: it is made anew.
                Err(Failure::Missing(_)) => {}
                Err(failure) => return Err(failure),
            }
        }
        match self.notion.find(source, &row.external_id).await? {
            Some(page) => self.notion.update(&page, &properties).await.map(|()| page),
            None => self.notion.create(source, &properties).await,
        }
    }

    fn target(&self, row: &Model) -> Result<(&'static Dataset, &str), Failure> {
        let none = || Failure::Refused(format!("no database is configured for {}", row.dataset));
        let known = dataset(&row.dataset).ok_or_else(none)?;
        Ok((known, self.databases.get(known.name).ok_or_else(none)?))
    }

    /// A change that came meanwhile has a higher version and stays due.
    async fn synced(&self, row: &Model, page: String) -> Result<(), StoreError> {
        let now = self.db.now().await?;
        let tx = self.db.begin().await?;
        secure_update(row.tenant_id)
            .filter(Column::Id.eq(row.id))
            .col_expr(Column::SyncedVersion, Expr::value(row.version))
            .col_expr(Column::PageId, Expr::value(page))
            .col_expr(Column::Attempts, Expr::value(0))
            .col_expr(Column::Due, Expr::value(now))
            .col_expr(Column::Reason, Expr::value(None::<String>))
            .col_expr(Column::SyncedAt, Expr::value(now))
            .exec(&*tx)
            .await
            .map_err(|error| tx.error(error))?;
        tx.commit().await
    }

    async fn failed(&self, row: &Model, failure: &Failure) -> Result<(), StoreError> {
        let now = self.db.now().await?;
        tracing::info!(dataset = row.dataset, row = row.external_id, %failure, "not synced to Notion; it stays");
        let tx = self.db.begin().await?;
        secure_update(row.tenant_id)
            .filter(Column::Id.eq(row.id))
            .col_expr(Column::Due, Expr::value(next_try(now, row.attempts, failure)))
            .col_expr(Column::Reason, Expr::value(failure.to_string()))
            .exec(&*tx)
            .await
            .map_err(|error| tx.error(error))?;
        tx.commit().await
    }
}

fn next_try(now: Timestamp, attempts: i64, failure: &Failure) -> Timestamp {
    let doublings = u32::try_from(attempts.clamp(0, 9)).unwrap_or(9);
    let pause = match failure {
        Failure::Busy(wait) => *wait,
        Failure::Refused(_) => LONGEST_PAUSE,
        _ => Duration::from_secs(FIRST_PAUSE << doublings),
    };
    now.after(pause.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour_and_obey_notion() {
        let away = Failure::Unavailable(String::new());
        let seconds = |attempts, failure: &Failure| next_try(Timestamp(0), attempts, failure).0 / 1_000_000;
        assert_eq!(
            [0, 1, 2, 8, 9, 99].map(|n| seconds(n, &away)),
            [10, 20, 40, 2_560, 3_600, 3_600]
        );
        assert_eq!(seconds(0, &Failure::Busy(Duration::from_secs(7))), 7);
        assert_eq!(seconds(0, &Failure::Refused(String::new())), 3_600);
    }
}
