//! `GET /health/live`.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use crate::{
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Live(pub Arc<Shared>);

/// The process is alive.
#[derive(Serialize, Object)]
struct LiveBody {
    /// True.
    live: bool,
    /// Seconds since this process began to serve.
    uptime_seconds: u64,
}

impl Failures for Live {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl Live {
    /// Liveness probe
    ///
    /// Asks nothing outside the process: a database that is away is no reason to restart it.
    #[oai(
        path = "/health/live",
        method = "get",
        operation_id = "getLiveness",
        tag = "Tag::Service"
    )]
    async fn get(&self) -> Result<Json<LiveBody>, Failed<Self>> {
        let uptime_seconds = self.0.measured.read(self.0.now()).uptime.as_secs();
        Ok(Json(LiveBody {
            live: true,
            uptime_seconds,
        }))
    }
}
