//! `GET /openapi.json`.

use poem_openapi::OpenApi;

use super::file::{File, PLAIN_POLICY};
use crate::{
    document::document,
    error::{Code, Failed, Failures},
    routes::Tag,
};

pub(crate) struct Document;

impl Failures for Document {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl Document {
    /// This document
    #[oai(
        path = "/openapi.json",
        method = "get",
        operation_id = "getOpenApi",
        tag = "Tag::Service"
    )]
    async fn get(&self) -> Result<File, Failed<Self>> {
        Ok(File {
            media: "application/json",
            policy: PLAIN_POLICY,
            body: document().into(),
        })
    }
}
