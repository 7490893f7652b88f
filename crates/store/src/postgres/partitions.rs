//! The partitions of `ended` (P12): ranges made days ahead, expired ones dropped without making anybody wait.

use levqor_migration::partitions::{self as ranges, Day};
use sqlx::{AssertSqlSafe, Connection, Postgres, Transaction};
use uuid::Uuid;

use super::{
    error::store_error,
    expire,
    line::{Held, Line},
};
use crate::{RetentionClass, StoreError, expiry::sql};

/// How often a lock is tried, 100 ms each, before it is left to the next pass.
const TRIES: usize = 5;

const LEAD: &str = "SELECT now_us() FROM leader WHERE term = $1 FOR SHARE";

const PARTITIONS: &str =
    "SELECT relname::text FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE 'ended\\_%'";

/// Makes what is missing of the coming days. A range that cannot be made is reported and tried again by the next
/// pass; its runs go to the class's default meanwhile.
pub(super) async fn ensure(line: &Line, term: i64) -> Result<(), StoreError> {
    let (now, existing) = existing(line, term).await?;
    for class in ranges::CLASSES {
        for day in ranges::days_from(now, ranges::DAYS_AHEAD) {
            let range = Range {
                line,
                term,
                class,
                day,
            };
            let name = range.name();
            if existing.contains(&name) {
                continue;
            }
            match range.change(Change::Make).await {
                Ok(()) => tracing::info!(partition = name, "made"),
                Err(error @ StoreError::NotLeader(_)) => return Err(error),
                Err(error) => tracing::error!(partition = name, %error, "cannot be made"),
            }
        }
        alarm_on_default(line, class).await?;
    }
    Ok(())
}

/// The clock, and the names of all partitions.
pub(super) async fn existing(line: &Line, term: i64) -> Result<(i64, Vec<String>), StoreError> {
    let now = sqlx::query_scalar(LEAD)
        .bind(term)
        .fetch_optional(line)
        .await
        .map_err(store_error)?;
    let now = now.ok_or(StoreError::NotLeader(term))?;
    let names = sqlx::query_scalar(PARTITIONS)
        .fetch_all(line)
        .await
        .map_err(store_error)?;
    Ok((now, names))
}

/// A range of one class, to be made or dropped by the leader of a term.
struct Range<'a> {
    line: &'a Line,
    term: i64,
    class: &'static str,
    day: Day,
}

/// What to do with a range.
#[derive(Clone, Copy)]
enum Change {
    Make,
    Drop(RetentionClass),
}

impl Range<'_> {
    fn name(&self) -> String {
        ranges::name(self.class, self.day)
    }

    /// Makes the change; repeats what a lock refused.
    async fn change(&self, change: Change) -> Result<(), StoreError> {
        let mut tries = 1;
        loop {
            let change = async {
                match change {
                    Change::Make => self.make().await,
                    Change::Drop(class) => self.remove(class).await,
                }
            };
            match self.line.bound(change).await {
                Err(StoreError::Retry(_)) if tries < TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    /// Attaching, unlike `CREATE … PARTITION OF`, leaves readers and writers of the parent alone.
    async fn make(&self) -> Result<(), StoreError> {
        let mut held = self.line.hold().await.map_err(store_error)?;
        let (mut transaction, _) = begin(&mut held, self.term).await?;
        let (name, class) = (self.name(), self.class);
        let (from, to) = (self.day.first_id(), self.day.next().first_id());
        let sql = format!(
            "CREATE TABLE {name} (LIKE ended_{class} INCLUDING ALL);
             ALTER TABLE ended_{class} ATTACH PARTITION {name} FOR VALUES FROM ('{from}') TO ('{to}')"
        );
        run(&mut transaction, sql).await?;
        transaction.commit().await.map_err(store_error)?;
        held.done();
        Ok(())
    }

    /// The SHARE lock stops writers of this old range alone while its rows are read. Holds and tenants' periods stand
    /// still from then on; only for the moment of the drop is the parent locked.
    async fn remove(&self, class: RetentionClass) -> Result<(), StoreError> {
        let mut held = self.line.hold().await.map_err(store_error)?;
        let (mut transaction, now) = begin(&mut held, self.term).await?;
        let name = self.name();
        run(&mut transaction, expire::count(&name, class)).await?;
        run(&mut transaction, format!("LOCK TABLE {name} IN SHARE MODE")).await?;
        self.refuse(&mut transaction, self.in_use(now.saturating_sub(keep(class))))
            .await?;
        run(&mut transaction, sql::STILL.to_owned()).await?;
        self.refuse(&mut transaction, expire::kept(&name, class)).await?;
        let sql = format!(
            "LOCK TABLE ONLY ended_{} IN ACCESS EXCLUSIVE MODE; DROP TABLE {name}",
            self.class
        );
        run(&mut transaction, sql).await?;
        transaction.commit().await.map_err(store_error)?;
        held.done();
        Ok(())
    }

    fn in_use(&self, cutoff: i64) -> String {
        let (from, to) = (self.day.first_id(), self.day.next().first_id());
        format!(
            "SELECT EXISTS (SELECT FROM live WHERE id >= '{from}' AND id < '{to}')
                 OR EXISTS (SELECT FROM {} WHERE ended_at > {cutoff})",
            self.name()
        )
    }

    async fn refuse(
        &self,
        transaction: &mut Transaction<'_, Postgres>,
        sql: String,
    ) -> Result<(), StoreError> {
        let stays = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut **transaction)
            .await;
        if stays.map_err(store_error)? {
            let why = "it holds runs that are live, not expired or under a legal hold";
            return Err(StoreError::Unavailable(why.to_owned()));
        }
        Ok(())
    }
}

/// A transaction of the leader that waits at most 100 ms for each lock: whoever comes after a waiting exclusive
/// lock waits behind it.
pub(super) async fn begin<'h>(
    held: &'h mut Held<'_>,
    term: i64,
) -> Result<(Transaction<'h, Postgres>, i64), StoreError> {
    let connection = held.connection().map_err(store_error)?;
    let mut transaction = connection.begin().await.map_err(store_error)?;
    run(&mut transaction, "SET LOCAL lock_timeout = '100ms'".to_owned()).await?;
    let now = sqlx::query_scalar(LEAD)
        .bind(term)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(store_error)?;
    Ok((transaction, now.ok_or(StoreError::NotLeader(term))?))
}

pub(super) async fn run(transaction: &mut Transaction<'_, Postgres>, sql: String) -> Result<(), StoreError> {
    // Names are of the fixed list of classes and of days.
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut **transaction)
        .await
        .map(drop)
        .map_err(store_error)
}

/// Runs in a default were accepted out of every range: the job was late, or a clock is wrong.
async fn alarm_on_default(line: &Line, class: &str) -> Result<(), StoreError> {
    let sql = format!("SELECT id FROM ended_{class}_default ORDER BY id LIMIT 1");
    let stray: Option<Uuid> = sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_optional(line)
        .await
        .map_err(store_error)?;
    if let Some(run) = stray {
        tracing::error!(class, %run, "a run ended out of every partition");
    }
    Ok(())
}

/// See [`crate::SchedulerStore::drop_expired_partitions`]. One that is in use is left to the next pass.
pub(super) async fn drop_expired(line: &Line, term: i64) -> Result<Vec<String>, StoreError> {
    let (now, existing) = existing(line, term).await?;
    let mut dropped = Vec::new();
    for (class, day) in existing.iter().filter_map(|name| ranges::parse(name)) {
        let Some(class) = RetentionClass::from_name(class) else {
            continue;
        };
        if day.next().start().saturating_add(keep(class)) > now {
            continue;
        }
        let range = Range {
            line,
            term,
            class: class.as_str(),
            day,
        };
        let name = range.name();
        match range.change(Change::Drop(class)).await {
            Ok(()) => dropped.push(name),
            Err(error @ StoreError::NotLeader(_)) => return Err(error),
            Err(error) => tracing::info!(partition = name, %error, "not dropped now"),
        }
    }
    Ok(dropped)
}

/// The retention of a class in microseconds.
fn keep(class: RetentionClass) -> i64 {
    i64::from(class.days()) * 86_400_000_000
}
