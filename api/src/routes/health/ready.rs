//! `GET /health/ready`.

use std::{convert::Infallible, sync::Arc, time::Duration};

use levqor_platform::Cache;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;

use crate::{
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::{ApiState, Shared},
};

/// A part that has not answered after this time counts as failed.
const PATIENCE: Duration = Duration::from_secs(2);

/// An answer is good for this long, so that probing costs the same however often it is done.
const MAX_AGE: Duration = Duration::from_millis(250);

pub(crate) struct Ready(pub Arc<Shared>);

/// Whether requests can be served.
#[derive(Clone, Serialize, Object)]
pub(crate) struct ReadyBody {
    /// Whether the database answered: what it has accepted is safe.
    ready: bool,
    /// `ok` or `failed`: the database was asked.
    database: String,
    /// `ok` or `failed`: the queue was asked. Without it runs are accepted as before and begin a little later, so that
    /// taking requests away from this process would only harm.
    queue: String,
}

#[derive(ApiResponse)]
enum Answer {
    /// Requests are served.
    #[oai(status = 200)]
    Ready(Json<ReadyBody>),
    /// The database did not answer in two seconds.
    #[oai(status = 503)]
    NotReady(Json<ReadyBody>),
}

/// What was found last.
pub(crate) struct Readiness(Cache<(), ReadyBody>);

impl Readiness {
    pub(crate) fn new() -> Self {
        Self(Cache::new(MAX_AGE, 1))
    }

    async fn of(&self, api: &ApiState) -> ReadyBody {
        let Ok(body) = self
            .0
            .get(
                (),
                || api.clock.elapsed(),
                async || Ok::<_, Infallible>(ask(api).await),
            )
            .await;
        body
    }
}

impl Failures for Ready {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl Ready {
    /// Readiness probe
    ///
    /// Asks the database and the queue.
    #[oai(
        path = "/health/ready",
        method = "get",
        operation_id = "getReadiness",
        tag = "Tag::Service"
    )]
    async fn get(&self) -> Result<Answer, Failed<Self>> {
        let body = self.0.readiness.of(&self.0.api).await;
        Ok(if body.ready {
            Answer::Ready(Json(body))
        } else {
            Answer::NotReady(Json(body))
        })
    }
}

async fn ask(api: &ApiState) -> ReadyBody {
    let database = async { matches!(tokio::time::timeout(PATIENCE, api.store.ping()).await, Ok(Ok(()))) };
    let queue = async { matches!(tokio::time::timeout(PATIENCE, api.queue.ping()).await, Ok(Ok(()))) };
    let (database, queue) = tokio::join!(database, queue);
    let word = |ok: bool| if ok { "ok".to_owned() } else { "failed".to_owned() };
    ReadyBody {
        ready: database,
        database: word(database),
        queue: word(queue),
    }
}
