//! Starting the run of an invoice that became past due.

use levqor_entities::billing_invoices;
use levqor_platform::Platform;
use levqor_processes::{ProcessError, SYSTEM};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde_json::json;

use crate::DUNNING;

/// Most runs started in a pass.
const LIMIT: u64 = 100;

/// Starts the runs that are to be started; how many. The runs are the installation's, not the tenant's who owes: it
/// could cancel its own. A start that is repeated after a crash gives the run that it gave.
pub async fn start_runs(platform: &Platform) -> Result<usize, ProcessError> {
    use billing_invoices::Column::{Episode, Id, RunId, Starting};
    let db = &platform.db;
    let rows = billing_invoices::find_starting()
        .limit(LIMIT)
        .all(db.reader())
        .await;
    let rows = rows.map_err(|error| db.error(error))?;
    for row in &rows {
        let key = format!("{}/{}/{}", row.tenant_id, row.id, row.episode);
        let input = json!({"tenant": row.tenant_id, "invoice": row.id});
        let run = platform.processes.start(SYSTEM, DUNNING, &key, &input).await?;
        let tx = db.begin().await?;
        let started = billing_invoices::secure_update(row.tenant_id)
            .col_expr(Starting, Expr::value(false))
            .col_expr(RunId, Expr::value(run))
            .filter(Id.eq(&row.id))
            .filter(Episode.eq(row.episode))
            .exec(&*tx)
            .await;
        started.map_err(|error| db.error(error))?;
        tx.commit().await?;
    }
    Ok(rows.len())
}
