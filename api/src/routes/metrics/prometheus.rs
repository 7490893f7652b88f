//! `GET /metrics`.

use std::sync::Arc;

use poem_openapi::{ApiResponse, OpenApi, payload::PlainText};

use crate::{
    error::{Code, Failed, Failures},
    routes::Tag,
    state::Shared,
};

pub(crate) struct Prometheus(pub Arc<Shared>);

#[derive(ApiResponse)]
enum Answer {
    /// The metrics of this process.
    #[oai(status = 200)]
    Text(PlainText<String>),
}

impl Failures for Prometheus {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl Prometheus {
    /// Metrics in the Prometheus text format
    #[oai(
        path = "/metrics",
        method = "get",
        operation_id = "getMetrics",
        tag = "Tag::Service"
    )]
    async fn get(&self) -> Result<Answer, Failed<Self>> {
        Ok(Answer::Text(PlainText((self.0.api.metrics)())))
    }
}
