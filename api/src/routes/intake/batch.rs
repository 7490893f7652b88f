//! `POST /api/v1/intake/batch`.

use std::sync::Arc;

use poem_openapi::{
    ApiResponse, Object, OpenApi,
    registry::{MetaSchemaRef, Registry},
    types::Type,
};
use serde::Serialize;

use super::create::AcceptedRun;
use crate::{
    auth::Caller,
    body::{Form, RawBody, Splitter},
    error::{Code, Failed, Failures, Problem, ProblemBody},
    intake::{Accepted, Many, RunRequestBody},
    json::Json,
    routes::Tag,
    state::Shared,
};

const NDJSON: &str = "application/x-ndjson";

pub(crate) struct Batch(pub Arc<Shared>);

struct Body;

impl Form for Body {
    const MEDIA: &'static [&'static str] = &["application/json", NDJSON];
    const LIMIT: usize = 8 * 1024 * 1024;

    fn schema(media: &str) -> MetaSchemaRef {
        if media == NDJSON {
            RunRequestBody::schema_ref()
        } else {
            Vec::<RunRequestBody>::schema_ref()
        }
    }

    fn register(registry: &mut Registry) {
        RunRequestBody::register(registry);
    }
}

/// What became of each item, in the order sent.
#[derive(Serialize, Object)]
struct BatchFates {
    /// Items whose run is committed, repeats of earlier requests included.
    accepted: usize,
    /// Items that started nothing.
    refused: usize,
    /// One for each item.
    items: Vec<ItemFate>,
}

/// What became of an item: a run or a problem.
#[derive(Serialize, Object)]
struct ItemFate {
    /// The status that the item would have got in a request of its own.
    status: u16,
    /// The run's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<String>,
    /// Where the run can be followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// True when an earlier request with the same idempotency key started the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<bool>,
    /// Why nothing was started. `pointer`, `line` and `column` are those within the item; `instance` is the item's
    /// pointer in the batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemBody>,
}

#[derive(ApiResponse)]
enum Answer {
    /// All items were accepted and are committed.
    #[oai(status = 200)]
    All(Json<BatchFates>),
    /// Some or all items were refused; the others are committed.
    #[oai(status = 207)]
    Some(Json<BatchFates>),
}

impl Failures for Batch {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::BillingSuspended,
        Code::RequestTimeout,
        Code::TooManyItems,
        Code::UnsupportedMediaType,
        Code::Overloaded,
    ];
}

#[OpenApi]
impl Batch {
    /// Start many runs
    ///
    /// Takes up to 1,000 requests as a JSON array or as lines of JSON, 8 MiB together, 512 KiB each. Each is read and
    /// checked while later ones arrive, and accepted or refused by itself; all that are accepted are committed when the
    /// body has ended. A body that is not an array at all, holds too many items, is too large or breaks off starts
    /// nothing and may be sent again. Each item may have its own `idempotency_key`. A batch is held for up to a second, then
    /// refused as a whole with `overloaded`, while so many runs of the priority of one of its items wait for a worker that what is
    /// left is for single requests; bulk is best sent with the priority `low`.
    #[oai(
        path = "/api/v1/intake/batch",
        method = "post",
        operation_id = "createRuns",
        tag = "Tag::Runs"
    )]
    async fn create(&self, caller: Caller, body: RawBody<Body>) -> Result<Answer, Failed<Self>> {
        let busy = |_| Problem::new(Code::Overloaded, "Too many batches at once.").retry_after(1);
        let _turn = self.0.batches.try_acquire().map_err(busy)?;
        let splitter = if body.media == NDJSON {
            Splitter::lines()
        } else {
            Splitter::array()
        };
        let open = self.0.suspensions.check(&self.0, caller.tenant).await;
        let mut batch = open.map(|()| Many::new(&self.0, caller, splitter));
        let mut chunks = body.chunks()?;
        while let Some(chunk) = chunks.next().await? {
            // A refused batch is read on: many callers send all before they look for an answer.
            if let Ok(many) = &mut batch
                && let Err(problem) = many.take(&chunk).await
            {
                batch = Err(problem);
            }
        }
        let fates = self.fates(batch?.submit().await?);
        Ok(if fates.refused == 0 {
            Answer::All(Json(fates))
        } else {
            Answer::Some(Json(fates))
        })
    }
}

impl Batch {
    fn fates(&self, settled: Vec<Result<Accepted, Problem>>) -> BatchFates {
        let items: Vec<ItemFate> = settled
            .into_iter()
            .enumerate()
            .map(|(index, fate)| self.fate(index, fate))
            .collect();
        let accepted = items.iter().filter(|item| item.problem.is_none()).count();
        BatchFates {
            accepted,
            refused: items.len() - accepted,
            items,
        }
    }

    fn fate(&self, index: usize, fate: Result<Accepted, Problem>) -> ItemFate {
        match fate {
            Ok(accepted) => {
                let run = AcceptedRun::new(&self.0, accepted);
                let replayed = accepted.replayed.then_some(true);
                ItemFate {
                    status: 202,
                    job_id: Some(run.job_id),
                    url: Some(run.url),
                    replayed,
                    problem: None,
                }
            }
            Err(problem) => {
                let problem = problem.body(self.0.base(), &format!("/{index}"));
                ItemFate {
                    status: problem.status,
                    job_id: None,
                    url: None,
                    replayed: None,
                    problem: Some(problem),
                }
            }
        }
    }
}
