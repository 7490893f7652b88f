//! Reports of a tenant, as PDF.

mod create;
mod file;
mod get;
mod list;
mod view;

pub(crate) use create::Create;
pub(crate) use file::File;
pub(crate) use get::Get;
pub(crate) use list::List;

use levqor_reports::{Report, find as find_report};

use crate::{
    auth::Caller,
    error::{Code, Problem},
    state::Shared,
};

/// The caller's report with this id.
async fn find(shared: &Shared, caller: Caller, id: &str) -> Result<Report, Problem> {
    let missing = || Problem::new(Code::ReportNotFound, "There is no report with this id.");
    let id = id.parse().map_err(|_| missing())?;
    let found = find_report(&shared.api.platform.db, caller.tenant, id).await?;
    found.ok_or_else(missing)
}
