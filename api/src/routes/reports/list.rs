//! `GET /api/v1/reports`.

use std::sync::Arc;

use levqor_reports::{ReportId, list};
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use super::view::ReportBody;
use crate::{
    auth::Caller,
    cursor::{Cursors, page_size},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct List(pub Arc<Shared>);

/// A page of reports, newest first.
#[derive(Serialize, Object)]
struct ReportPage {
    /// The reports.
    reports: Vec<ReportBody>,
    /// Pass it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Failures for List {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl List {
    /// List reports
    ///
    /// Newest first.
    #[oai(
        path = "/api/v1/reports",
        method = "get",
        operation_id = "listReports",
        tag = "Tag::Reports"
    )]
    async fn list(
        &self,
        caller: Caller,
        /// Most reports on the page, 1 to 200.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Json<ReportPage>, Failed<Self>> {
        let cursors = Cursors::new("reports".to_owned());
        let before = cursors.start(cursor.0.as_deref())?;
        let limit = page_size(limit.0)?;
        let db = &self.0.api.platform.db;
        let mut found = list(db, caller.tenant, before.map(ReportId), limit.unsigned_abs() + 1).await?;
        let next_cursor = cursors.cut(&mut found, limit, |report| report.id.0);
        let reports = found
            .into_iter()
            .map(|report| ReportBody::new(&self.0, report))
            .collect();
        Ok(Json(ReportPage { reports, next_cursor }))
    }
}
