//! `GET /`.

use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use crate::{
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
};

pub(crate) struct Index;

/// What this server is and where to go on.
#[derive(Serialize, Object)]
struct IndexBody {
    /// True.
    ok: bool,
    /// The program's name.
    service: String,
    /// Its version.
    version: String,
    /// Interactive documentation.
    docs: String,
    /// The OpenAPI document.
    openapi: String,
    /// Whether it works.
    health: String,
}

impl Failures for Index {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl Index {
    /// What this server is
    #[oai(path = "/", method = "get", operation_id = "getIndex", tag = "Tag::Service")]
    async fn get(&self) -> Result<Json<IndexBody>, Failed<Self>> {
        Ok(Json(IndexBody {
            ok: true,
            service: "levqor".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            docs: "/docs".into(),
            openapi: "/openapi.json".into(),
            health: "/health/ready".into(),
        }))
    }
}
