//! `GET /public/metrics`.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use crate::{
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
    time,
};

pub(crate) struct Public(pub Arc<Shared>);

/// What this process has measured since it started. Nothing here is a promise or a constant.
#[derive(Serialize, Object)]
struct PublicMetrics {
    /// Seconds since this process began to serve.
    uptime_seconds: u64,
    /// Requests it has answered.
    requests: u64,
    /// Those it answered with a 5xx status.
    server_errors: u64,
    /// Share of requests answered without one, 0 to 1; absent before the first request.
    #[serde(skip_serializing_if = "Option::is_none")]
    success_ratio: Option<f64>,
    /// Runs it has accepted, of all tenants.
    jobs_accepted: u64,
    /// When this was measured.
    last_updated: String,
}

impl Failures for Public {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl Public {
    /// Measured values for everybody
    #[oai(
        path = "/public/metrics",
        method = "get",
        operation_id = "getPublicMetrics",
        tag = "Tag::Service"
    )]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a ratio of counters needs no more than 52 bits"
    )]
    async fn get(&self) -> Result<Json<PublicMetrics>, Failed<Self>> {
        let reading = self.0.measured.read(self.0.now());
        let (requests, failed) = (reading.requests, reading.server_errors);
        Ok(Json(PublicMetrics {
            uptime_seconds: reading.uptime.as_secs(),
            requests,
            server_errors: failed,
            success_ratio: (requests > 0).then(|| (requests - failed.min(requests)) as f64 / requests as f64),
            jobs_accepted: reading.accepted,
            last_updated: time::format(self.0.api.clock.now()),
        }))
    }
}
