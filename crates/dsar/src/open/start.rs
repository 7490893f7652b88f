//! Starting the process that answers a request.

use levqor_entities::dsar_requests::{self, Column};
use levqor_platform::Platform;
use levqor_store::{RunId, StoreError};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use crate::{PROCESS, Request, State};

/// Starts the run of an accepted request that has none, once however often it is called. It is no error when that fails:
/// the request is committed, and the watch starts what is left behind.
pub(crate) async fn start(platform: &Platform, request: &Request) {
    if request.state == State::Accepted && request.run_id.is_none() {
        run(platform, request, request.id.to_string()).await;
    }
}

/// Starts another run of a request whose run ended before it was answered; one for each that did. Steps that were done
/// are not done again.
pub(crate) async fn again(platform: &Platform, request: &Request) {
    if let Some(ended) = request.run_id {
        run(platform, request, format!("{}/{ended}", request.id)).await;
    }
}

async fn run(platform: &Platform, request: &Request, key: String) {
    let input = json!({"request_id": request.id});
    match platform
        .processes
        .start(request.tenant_id, PROCESS, &key, &input)
        .await
    {
        Ok(run) => {
            if let Err(error) = note(platform, request, run).await {
                tracing::warn!(%error, request = %request.id, "the run of a request is not noted yet");
            }
        }
        Err(error) => {
            tracing::warn!(%error, request = %request.id, "the run of a request waits for the watch");
        }
    }
}

async fn note(platform: &Platform, request: &Request, run: RunId) -> Result<(), StoreError> {
    let tx = platform.db.begin().await?;
    let update = dsar_requests::secure_update(request.tenant_id)
        .filter(Column::Id.eq(request.id))
        .col_expr(Column::RunId, Expr::value(run.0));
    update.exec(&*tx).await.map_err(|error| tx.error(error))?;
    tx.commit().await
}
