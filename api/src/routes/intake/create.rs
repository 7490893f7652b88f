//! `POST /api/v1/intake`.

use std::sync::Arc;

use poem_openapi::{
    ApiResponse, Object, OpenApi,
    registry::{MetaSchemaRef, Registry},
    types::Type,
};
use serde::Serialize;

use super::header::IdempotencyKey;
use crate::{
    auth::Caller,
    body::{Form, RawBody},
    error::{Code, Failed, Failures},
    intake::{Accepted, RunRequest, RunRequestBody, committed, prepare, settle, starts_now},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Create(pub Arc<Shared>);

pub(crate) struct Body;

impl Form for Body {
    const MEDIA: &'static [&'static str] = &["application/json"];

    fn schema(_media: &str) -> MetaSchemaRef {
        RunRequestBody::schema_ref()
    }

    fn register(registry: &mut Registry) {
        RunRequestBody::register(registry);
    }
}

/// A run that was accepted. It is committed: no crash loses it.
#[derive(Serialize, Object)]
pub(super) struct AcceptedRun {
    /// The run's id.
    pub job_id: String,
    /// `queued`, the status at acceptance.
    pub status: String,
    /// `pending`, the state at acceptance.
    pub state: String,
    /// Where the run can be followed.
    pub url: String,
}

impl AcceptedRun {
    pub(super) fn new(shared: &Shared, accepted: Accepted) -> Self {
        let job_id = accepted.run.to_string();
        let url = format!("{}/api/v1/runs/{job_id}", shared.base());
        Self {
            job_id,
            status: "queued".into(),
            state: "pending".into(),
            url,
        }
    }
}

#[derive(ApiResponse)]
enum Answer {
    /// Accepted and committed.
    #[oai(status = 202)]
    Accepted(
        Json<AcceptedRun>,
        /// The run's URL.
        #[oai(header = "Location")]
        String,
        /// `true` when an earlier request with the same key started the run; nothing was started now.
        #[oai(header = "Idempotency-Replayed")]
        Option<String>,
    ),
}

impl Failures for Create {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::BillingSuspended,
        Code::BudgetExhausted,
        Code::NamespaceReserved,
        Code::WorkflowNotFound,
        Code::RequestTimeout,
        Code::IdempotencyConflict,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::InvalidInput,
        Code::Overloaded,
    ];
}

#[OpenApi]
impl Create {
    /// Start a run
    ///
    /// The answer comes when the run is committed to the database. The body has at most 512 KiB. While more runs of its priority
    /// wait for a worker than the installation wants, a run that may start at once is refused with `overloaded`, unless its
    /// tenant has few of them.
    #[oai(
        path = "/api/v1/intake",
        method = "post",
        operation_id = "createRun",
        tag = "Tag::Runs"
    )]
    async fn create(
        &self,
        caller: Caller,
        /// Makes the request safe to repeat, for a day. 1 to 255 characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: RawBody<Body>,
    ) -> Result<Answer, Failed<Self>> {
        let body = body.read().await?;
        self.0.suspensions.check(&self.0, caller.tenant).await?;
        let request = RunRequest::parse(&body)?.with_header_key(key.0.as_deref())?;
        // Before anything is looked up for it: a refusal has to cost little.
        let place = starts_now(&self.0, request.run_at)
            .then(|| self.0.backlog.admit(caller.tenant, request.priority))
            .transpose()?;
        let run = prepare(&self.0, caller, request).await?;
        let (id, priority) = (run.id, run.priority);
        let early = place
            .as_ref()
            .map(|_| self.0.doorbell.ring_early(priority, id))
            .unwrap_or_default();
        let fate = committed(&self.0, caller, 1, self.0.api.intake.submit(run)).await;
        let accepted = settle(&self.0, id, priority, early, fate)?;
        let answer = AcceptedRun::new(&self.0, accepted);
        let location = answer.url.clone();
        Ok(Answer::Accepted(
            Json(answer),
            location,
            accepted.replayed.then(|| "true".to_owned()),
        ))
    }
}
