//! `POST /api/dsar/exports/{id}/code`.

use std::sync::Arc;

use levqor_dsar::download::issue;
use poem_openapi::{Object, OpenApi, param::Path};
use serde::Serialize;

use super::id as parsed;
use crate::{
    auth::SignedIn,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
    time,
};

pub(crate) struct IssueCode(pub Arc<Shared>);

/// A code, to be shown to the person now.
#[derive(Serialize, Object)]
struct ExportCode {
    /// Six digits. They are shown this once and not stored.
    code: String,
    /// Refused from then on (RFC 3339).
    expires_at: String,
}

impl Failures for IssueCode {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::DsarRequestNotFound,
        Code::ExportNotReady,
        Code::ExportLocked,
        Code::ExportDownloaded,
        Code::ExportCodesUsed,
        Code::Overloaded,
        Code::NotConfigured,
    ];
}

#[OpenApi]
impl IssueCode {
    /// Get the code for a download
    ///
    /// The page behind the mailed link asks for it. It is good for ten minutes and three tries; the one before it ends. It
    /// is never mailed, so that who reads the person's mail has no more than the link.
    #[oai(
        path = "/api/dsar/exports/:id/code",
        method = "post",
        operation_id = "issueDataExportCode",
        tag = "Tag::DataRequests"
    )]
    async fn issue(
        &self,
        person: SignedIn,
        /// The request's id.
        id: Path<String>,
    ) -> Result<Json<ExportCode>, Failed<Self>> {
        let id = parsed(&id.0)?;
        let issued = issue(
            &self.0.api.platform,
            &self.0.codes,
            person.tenant,
            person.user,
            id,
        )
        .await?;
        let (code, expires_at) = (issued.code.reveal().to_owned(), time::format(issued.until));
        Ok(Json(ExportCode { code, expires_at }))
    }
}
