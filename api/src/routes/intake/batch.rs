//! `POST /api/v1/intake/batch`.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use levqor_store::{NewRun, RunId};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    registry::{MetaSchemaRef, Registry},
    types::Type,
};
use serde::Serialize;

use super::create::AcceptedRun;
use crate::{
    auth::Caller,
    body::{BODY_LIMIT, Form, RawBody, elements, lines},
    error::{Code, Failed, Failures, Problem, ProblemBody},
    intake::{RunRequest, RunRequestBody, prepare, settle, submit_problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

/// Most items of a batch.
const ITEMS: usize = 1_000;

/// Items read before other requests get a turn on this thread.
const TURN: usize = 32;

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
    /// Takes up to 1,000 requests as a JSON array or as lines of JSON, 8 MiB together, 512 KiB each. Each is accepted
    /// or refused by itself; a body that is not an array at all, or holds too many items, starts nothing. Each item may
    /// have its own `idempotency_key`.
    #[oai(
        path = "/api/v1/intake/batch",
        method = "post",
        operation_id = "createRuns",
        tag = "Tag::Runs"
    )]
    async fn create(&self, caller: Caller, body: RawBody<Body>) -> Result<Answer, Failed<Self>> {
        let busy = |_| Problem::new(Code::Overloaded, "Too many batches at once.").retry_after(1);
        let _turn = self.0.batches.try_acquire().map_err(busy)?;
        let media = body.media;
        let body = body.read().await?;
        let items = if media == NDJSON {
            lines(&body)
        } else {
            elements(&body).map_err(|fault| fault.problem(&body))?
        };
        if items.len() > ITEMS {
            let detail = format!("The batch has {} items; at most {ITEMS} are taken.", items.len());
            return Err(Problem::new(Code::TooManyItems, detail).into());
        }
        let fates = self.start(caller, &body, items).await?;
        Ok(if fates.refused == 0 {
            Answer::All(Json(fates))
        } else {
            Answer::Some(Json(fates))
        })
    }
}

impl Batch {
    async fn start(
        &self,
        caller: Caller,
        body: &Bytes,
        items: Vec<Range<usize>>,
    ) -> Result<BatchFates, Problem> {
        let mut runs = Vec::with_capacity(items.len());
        let mut prepared = Vec::with_capacity(items.len());
        for (index, range) in items.into_iter().enumerate() {
            if index % TURN == TURN - 1 {
                tokio::task::yield_now().await;
            }
            let run = self.read(caller, &body.slice(range)).await;
            prepared.push(run.map(|run| {
                let key = (run.id, run.priority);
                runs.push(run);
                key
            }));
        }
        let fates = self
            .0
            .api
            .intake
            .submit_all(runs)
            .await
            .map_err(|error| submit_problem(&error))?;
        let mut fates = fates.into_iter();
        let settled = prepared
            .into_iter()
            .map(|prepared: Result<(RunId, i16), Problem>| {
                let (run, priority) = prepared?;
                let lost = || Problem::new(Code::Internal, "The write gave no answer.");
                settle(&self.0, run, priority, fates.next().ok_or_else(lost)?)
            });
        let items: Vec<ItemFate> = settled
            .enumerate()
            .map(|(index, fate)| self.fate(index, fate))
            .collect();
        let accepted = items.iter().filter(|item| item.problem.is_none()).count();
        Ok(BatchFates {
            accepted,
            refused: items.len() - accepted,
            items,
        })
    }

    async fn read(&self, caller: Caller, item: &Bytes) -> Result<NewRun, Problem> {
        if item.len() > BODY_LIMIT {
            return Err(Problem::new(
                Code::BodyTooLarge,
                "The item has more than 512 KiB.",
            ));
        }
        prepare(&self.0, caller, RunRequest::parse(item)?).await
    }

    fn fate(&self, index: usize, fate: Result<crate::intake::Accepted, Problem>) -> ItemFate {
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
