//! A stored version as it is shown.

use levqor_store::Workflow;
use poem_openapi::Object;
use serde::Serialize;

use crate::{
    json::{Raw, raw},
    state::Shared,
    time,
};

/// A stored version of a workflow document. It never changes.
#[derive(Serialize, Object)]
#[oai(rename = "Workflow")]
pub(super) struct WorkflowBody {
    /// Its id.
    pub id: String,
    /// `document.namespace`.
    pub namespace: String,
    /// `document.name`.
    pub name: String,
    /// `document.version`.
    pub version: String,
    /// SHA-256 of the canonical document, in hexadecimal.
    pub hash: String,
    /// When it was stored (RFC 3339).
    pub created_at: String,
    /// Where this version is served.
    pub url: String,
    /// All versions of the name, in order of storing; only when one workflow is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<Vec<String>>,
    /// The document as canonical JSON; only when one workflow is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Raw>,
}

impl WorkflowBody {
    /// For lists.
    pub(super) fn new(shared: &Shared, workflow: Workflow) -> Self {
        let Workflow {
            id,
            namespace,
            name,
            version,
            hash,
            document,
            created_at,
            ..
        } = workflow;
        Self {
            id: id.to_string(),
            url: format!("{}/api/v1/workflows/{namespace}/{name}/{version}", shared.base()),
            namespace,
            name,
            version,
            hash: hex::encode(hash),
            created_at: time::format(created_at),
            versions: None,
            document: (!document.is_empty()).then(|| raw(document)).flatten(),
        }
    }

    /// With the names of all its versions.
    pub(super) fn with_versions(self, versions: &[Workflow]) -> Self {
        let versions = versions.iter().map(|workflow| workflow.version.clone()).collect();
        Self {
            versions: Some(versions),
            ..self
        }
    }
}
