//! `GET /metrics`.

use std::sync::Arc;

use poem_openapi::{OpenApi, payload::PlainText};

use crate::{
    error::{Code, Failed, Failures},
    routes::Tag,
    state::Shared,
};

pub(crate) struct Prometheus(pub Arc<Shared>);

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
    async fn get(&self) -> Result<PlainText<String>, Failed<Self>> {
        Ok(PlainText((self.0.api.metrics)()))
    }
}
