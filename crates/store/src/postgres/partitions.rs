//! The partitions of `ended` (P12): ranges made days ahead, expired ones dropped without making anybody wait.

use levqor_entities::data_map::ENDED_DAYS;
use levqor_migration::partitions::{self as ranges, Day};
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::{PostgresStore, error::store_error};
use crate::StoreError;

/// How often a lock is tried, 100 ms each, before it is left to the next pass.
const TRIES: usize = 5;

const LEAD: &str = "SELECT now_us() FROM leader WHERE term = $1 FOR SHARE";

const PARTITIONS: &str =
    "SELECT relname::text FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE 'ended\\_%'";

/// Makes what is missing of the coming days. A range that cannot be made is reported and tried again by the next
/// pass; its runs go to the class's default meanwhile.
pub(super) async fn ensure(pool: &PgPool, term: i64) -> Result<(), StoreError> {
    let (now, existing) = existing(pool, term).await?;
    for class in ranges::CLASSES {
        for day in ranges::days_from(now, ranges::DAYS_AHEAD) {
            let range = Range {
                pool,
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
        alarm_on_default(pool, class).await?;
    }
    Ok(())
}

/// The clock, and the names of all partitions.
async fn existing(pool: &PgPool, term: i64) -> Result<(i64, Vec<String>), StoreError> {
    let now = sqlx::query_scalar(LEAD)
        .bind(term)
        .fetch_optional(pool)
        .await
        .map_err(store_error)?;
    let now = now.ok_or(StoreError::NotLeader(term))?;
    let names = sqlx::query_scalar(PARTITIONS)
        .fetch_all(pool)
        .await
        .map_err(store_error)?;
    Ok((now, names))
}

/// A range of one class, to be made or dropped by the leader of a term.
struct Range<'a> {
    pool: &'a PgPool,
    term: i64,
    class: &'static str,
    day: Day,
}

/// What to do with a range.
#[derive(Clone, Copy)]
enum Change {
    Make,
    /// With the retention of its class in microseconds.
    Drop(i64),
}

impl Range<'_> {
    fn name(&self) -> String {
        ranges::name(self.class, self.day)
    }

    /// Makes the change; repeats what a lock refused.
    async fn change(&self, change: Change) -> Result<(), StoreError> {
        let mut tries = 1;
        loop {
            let outcome = match change {
                Change::Make => self.make().await,
                Change::Drop(keep) => self.remove(keep).await,
            };
            match outcome {
                Err(StoreError::Retry(_)) if tries < TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    /// Attaching, unlike `CREATE … PARTITION OF`, leaves readers and writers of the parent alone.
    async fn make(&self) -> Result<(), StoreError> {
        let (mut transaction, _) = begin(self.pool, self.term).await?;
        let (name, class) = (self.name(), self.class);
        let (from, to) = (self.day.first_id(), self.day.next().first_id());
        let sql = format!(
            "CREATE TABLE {name} (LIKE ended_{class} INCLUDING ALL);
             ALTER TABLE ended_{class} ATTACH PARTITION {name} FOR VALUES FROM ('{from}') TO ('{to}')"
        );
        run(&mut transaction, sql).await?;
        transaction.commit().await.map_err(store_error)
    }

    /// The SHARE lock stops writers of this old range alone while its rows are read. Only then is the parent locked,
    /// for the moment of the drop.
    async fn remove(&self, keep: i64) -> Result<(), StoreError> {
        let (mut transaction, now) = begin(self.pool, self.term).await?;
        let (name, class) = (self.name(), self.class);
        run(&mut transaction, format!("LOCK TABLE {name} IN SHARE MODE")).await?;
        let (from, to) = (self.day.first_id(), self.day.next().first_id());
        let cutoff = now.saturating_sub(keep);
        let sql = format!(
            "SELECT EXISTS (SELECT FROM live WHERE id >= '{from}' AND id < '{to}')
                 OR EXISTS (SELECT FROM {name} WHERE ended_at > {cutoff})"
        );
        let in_use = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *transaction)
            .await;
        if in_use.map_err(store_error)? {
            return Err(StoreError::Unavailable(
                "it holds runs that are live or not expired".to_owned(),
            ));
        }
        let sql = format!("LOCK TABLE ONLY ended_{class} IN ACCESS EXCLUSIVE MODE; DROP TABLE {name}");
        run(&mut transaction, sql).await?;
        transaction.commit().await.map_err(store_error)
    }
}

/// A transaction of the leader that waits at most 100 ms for each lock: whoever comes after a waiting exclusive
/// lock waits behind it.
async fn begin(pool: &PgPool, term: i64) -> Result<(Transaction<'static, Postgres>, i64), StoreError> {
    let mut transaction = pool.begin().await.map_err(store_error)?;
    run(&mut transaction, "SET LOCAL lock_timeout = '100ms'".to_owned()).await?;
    let now = sqlx::query_scalar(LEAD)
        .bind(term)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(store_error)?;
    Ok((transaction, now.ok_or(StoreError::NotLeader(term))?))
}

async fn run(transaction: &mut Transaction<'static, Postgres>, sql: String) -> Result<(), StoreError> {
    // Names are of the fixed list of classes and of days.
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut **transaction)
        .await
        .map(drop)
        .map_err(store_error)
}

/// Runs in a default were accepted out of every range: the job was late, or a clock is wrong.
async fn alarm_on_default(pool: &PgPool, class: &str) -> Result<(), StoreError> {
    let sql = format!("SELECT id FROM ended_{class}_default ORDER BY id LIMIT 1");
    let stray: Option<Uuid> = sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_optional(pool)
        .await
        .map_err(store_error)?;
    if let Some(run) = stray {
        tracing::error!(class, %run, "a run ended out of every partition");
    }
    Ok(())
}

impl PostgresStore {
    /// Drops partitions of ended runs whose retention ([`ENDED_DAYS`]) is over: every row expired and no live run in
    /// the range, checked under a lock that keeps both so (P12). Answers the names of those dropped; one that is in
    /// use is left to the next pass.
    pub async fn drop_expired_partitions(&self, term: i64) -> Result<Vec<String>, StoreError> {
        let (now, existing) = existing(&self.service, term).await?;
        let mut dropped = Vec::new();
        for (class, day, keep) in existing.iter().filter_map(|name| expiring(name)) {
            if day.next().start().saturating_add(keep) > now {
                continue;
            }
            let range = Range {
                pool: &self.service,
                term,
                class,
                day,
            };
            let name = range.name();
            match range.change(Change::Drop(keep)).await {
                Ok(()) => dropped.push(name),
                Err(error @ StoreError::NotLeader(_)) => return Err(error),
                Err(error) => tracing::info!(partition = name, %error, "not dropped now"),
            }
        }
        Ok(dropped)
    }
}

/// Class, day and retention in microseconds of a partition that may expire.
fn expiring(name: &str) -> Option<(&'static str, Day, i64)> {
    let (class, day) = ranges::parse(name)?;
    let (_, days) = ENDED_DAYS.into_iter().find(|(known, _)| *known == class)?;
    Some((class, day, i64::from(days) * 86_400_000_000))
}
