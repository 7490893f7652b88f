//! Starting the process that answers a request.

use levqor_entities::dsar_requests::{self, Column};
use levqor_platform::Platform;
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use crate::{PROCESS, Request, State};

/// Starts the run of an accepted request that has none, once however often it is called. It is no error when that fails:
/// the request is committed, and the watch starts what is left behind.
pub(crate) async fn start(platform: &Platform, request: &Request) {
    if request.state != State::Accepted || request.run_id.is_some() {
        return;
    }
    let (key, input) = (request.id.to_string(), json!({"request_id": request.id}));
    let run = match platform.processes.start(request.tenant_id, PROCESS, &key, &input).await {
        Ok(run) => run,
        Err(error) => {
            tracing::warn!(%error, request = %request.id, "the run of a request waits for the watch");
            return;
        }
    };
    let noted = async {
        let tx = platform.db.begin().await?;
        let update = dsar_requests::secure_update(request.tenant_id)
            .filter(Column::Id.eq(request.id))
            .col_expr(Column::RunId, Expr::value(run.0));
        update.exec(&*tx).await.map_err(|error| tx.error(error))?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(%error, request = %request.id, "the run of a request is not noted yet");
    }
}
