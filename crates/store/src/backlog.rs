//! What waits for a worker in one priority, for the bounds of intake.

use levqor_entities::ids::TenantId;
use sea_orm::FromQueryResult;

use crate::{Db, StoreError};

/// Runs of a tenant that wait for a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct WaitingRuns {
    /// The tenant.
    pub tenant_id: TenantId,
    /// How many.
    pub runs: i64,
}

/// The text for one database: each takes a partial index only for the condition that the index was made with. The newest come
/// first, since what was claimed lies before them and leaves dead entries; and the order is by both columns of that index, which
/// the primary key does not have, so that no statistics lead to reading all live runs (P1).
macro_rules! waiting {
    ($live:literal, $ready:literal) => {
        concat!(
            "SELECT t.tenant_id AS tenant_id, count(*) AS runs
FROM (
    SELECT tenant_id FROM ",
            $live,
            " WHERE ",
            $ready,
            " AND state = 0 AND priority BETWEEN $1 AND $1
    ORDER BY priority DESC, id DESC LIMIT $2
) t GROUP BY t.tenant_id"
        )
    };
}

const WAITING_POSTGRES: &str = waiting!("live", "ready");
const WAITING_SQLITE: &str = waiting!("live INDEXED BY live_ready", "ready = 1");

const WORKERS: &str = "SELECT count(*) AS alive FROM workers WHERE alive";

#[derive(FromQueryResult)]
struct Workers {
    alive: i64,
}

impl Db {
    /// Runs of one priority that a worker may claim now, by tenant in no order; of more than `most` runs only the newest
    /// `most`. It reads as many rows as it counts, about a microsecond each.
    pub async fn waiting(&self, priority: i16, most: i64) -> Result<Vec<WaitingRuns>, StoreError> {
        let sql = self.own(WAITING_POSTGRES, WAITING_SQLITE);
        self.seen(sql, [priority.into(), most.into()]).await
    }

    /// Whether any worker is registered and not buried.
    pub async fn any_worker(&self) -> Result<bool, StoreError> {
        let workers: Vec<Workers> = self.seen(WORKERS, []).await?;
        Ok(workers.iter().any(|workers| workers.alive > 0))
    }
}
