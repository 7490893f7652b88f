//! `POST /api/v1/runs/{id}/cancel`.

use std::sync::Arc;

use levqor_store::{Delivery, DeliveryFate, InboxKind, RunView};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path};
use serde::Serialize;
use serde_json::json;

use super::find;
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures, Problem},
    intake::submit_problem,
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Cancel(pub Arc<Shared>);

/// A request to cancel that was taken.
#[derive(Serialize, Object)]
struct CancelRequested {
    /// The run's id.
    id: String,
    /// The state the run was in when it was asked.
    state: String,
    /// Where to see what came of it.
    url: String,
}

#[derive(ApiResponse)]
enum Answer {
    /// The request is committed; the run ends as soon as a worker has read it, unless it ends by itself before.
    #[oai(status = 202)]
    Requested(Json<CancelRequested>),
}

impl Failures for Cancel {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::RunNotFound,
        Code::RunEnded,
        Code::Overloaded,
    ];
}

#[OpenApi]
impl Cancel {
    /// Cancel a run
    ///
    /// Cancelling is a request: what commits first, the run's own end or the cancellation, wins.
    #[oai(
        path = "/api/v1/runs/:id/cancel",
        method = "post",
        operation_id = "cancelRun",
        tag = "Tag::Runs"
    )]
    async fn cancel(
        &self,
        caller: Caller,
        /// The run's id.
        id: Path<String>,
    ) -> Result<Answer, Failed<Self>> {
        let run = find(&self.0, caller, &id.0).await?;
        if run.state.ended() {
            return Err(ended(&run).into());
        }
        let body = json!({"reason": "cancelled by request", "by": format!("key {}", caller.key)});
        let delivery = Delivery {
            tenant: caller.tenant,
            run: run.id,
            kind: InboxKind::Cancel,
            body: body.to_string().into_bytes(),
        };
        let fate = self
            .0
            .api
            .deliveries
            .submit(delivery)
            .await
            .map_err(|error| submit_problem(&error))?;
        match fate {
            DeliveryFate::Delivered { hint } => {
                if let Some(epoch) = hint {
                    self.0.doorbell.ring(run.priority, run.id, epoch);
                }
                let url = format!("{}/api/v1/runs/{}", self.0.base(), run.id);
                let state = run.state.as_str().to_owned();
                Ok(Answer::Requested(Json(CancelRequested {
                    id: run.id.to_string(),
                    state,
                    url,
                })))
            }
            DeliveryFate::NotLive => Err(ended(&find(&self.0, caller, &id.0).await?).into()),
        }
    }
}

fn ended(run: &RunView) -> Problem {
    let state = run.state.as_str();
    Problem::new(Code::RunEnded, format!("The run has ended: {state}."))
        .job(run.id)
        .state(state)
}
