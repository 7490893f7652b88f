//! `POST /api/v1/workflows/validate`.

use std::sync::Arc;

use levqor_workflow::{canonical, hash};
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::document::{DocumentForm, parse};
use crate::{
    auth::Caller,
    body::RawBody,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Validate(pub Arc<Shared>);

/// A document that would be stored.
#[derive(Serialize, Object)]
struct ValidDocument {
    /// `document.namespace`.
    namespace: String,
    /// `document.name`.
    name: String,
    /// `document.version`.
    version: String,
    /// SHA-256 of the canonical document, in hexadecimal.
    hash: String,
}

impl Failures for Validate {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::InvalidDocument,
    ];
}

#[OpenApi]
impl Validate {
    /// Check a workflow document without storing it
    #[oai(
        path = "/api/v1/workflows/validate",
        method = "post",
        operation_id = "validateWorkflow",
        tag = "Tag::Workflows"
    )]
    async fn validate(
        &self,
        _caller: Caller,
        body: RawBody<DocumentForm>,
    ) -> Result<Json<ValidDocument>, Failed<Self>> {
        let definition = parse(&self.0, &body.read().await?)?;
        let hash = hex::encode(hash(&canonical(&definition)));
        let document = definition.document;
        let (namespace, name, version) = (document.namespace, document.name, document.version);
        Ok(Json(ValidDocument {
            namespace,
            name,
            version,
            hash,
        }))
    }
}
