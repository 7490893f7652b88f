//! `GET /api/v1/reports/{id}/file`.

use std::sync::Arc;

use levqor_reports::{State, object_key};
use poem_openapi::{ApiResponse, OpenApi, param::Path, payload::Binary};

use super::find;
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures, Problem},
    routes::Tag,
    state::Shared,
};

pub(crate) struct File(pub Arc<Shared>);

#[derive(ApiResponse)]
enum Answer {
    /// The file.
    #[oai(status = 200, content_type = "application/pdf")]
    Pdf(
        Binary<Vec<u8>>,
        /// A name to save it under.
        #[oai(header = "Content-Disposition")]
        String,
    ),
}

impl Failures for File {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::ReportNotFound, Code::ReportNotReady];
}

#[OpenApi]
impl File {
    /// Download a report
    #[oai(
        path = "/api/v1/reports/:id/file",
        method = "get",
        operation_id = "getReportFile",
        tag = "Tag::Reports"
    )]
    async fn file(
        &self,
        caller: Caller,
        /// The report's id.
        id: Path<String>,
    ) -> Result<Answer, Failed<Self>> {
        let report = find(&self.0, caller, &id.0).await?;
        if report.state != State::Ready {
            return Err(Problem::new(Code::ReportNotReady, "The report is being written.")
                .retry_after(2)
                .into());
        }
        let content = self.0.api.platform.objects.get(&object_key(report.id)?).await?;
        let content =
            content.ok_or_else(|| Problem::new(Code::ReportNotFound, "The report's file is gone."))?;
        let name = format!("attachment; filename=\"report-{}.pdf\"", report.id);
        Ok(Answer::Pdf(Binary(content.to_vec()), name))
    }
}
