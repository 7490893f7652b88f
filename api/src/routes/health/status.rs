//! `GET /health`.

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

pub(crate) struct Health(pub Arc<Shared>);

/// The process answers.
#[derive(Serialize, Object)]
struct HealthBody {
    /// True.
    ok: bool,
    /// This server's time.
    ts: String,
    /// Version of the program.
    version: String,
}

impl Failures for Health {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl Health {
    /// Whether the process answers
    ///
    /// Says nothing about the database; see /health/ready.
    #[oai(
        path = "/health",
        method = "get",
        operation_id = "getHealth",
        tag = "Tag::Service"
    )]
    async fn get(&self) -> Result<Json<HealthBody>, Failed<Self>> {
        let ts = time::format(self.0.api.clock.now());
        Ok(Json(HealthBody {
            ok: true,
            ts,
            version: env!("CARGO_PKG_VERSION").into(),
        }))
    }
}
