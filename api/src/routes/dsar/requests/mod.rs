//! `/api/v1/dsar/requests`: the tenant's side.

mod extend;
mod get;
mod list;
mod pause;
mod reason;
mod refuse;
mod resume;

pub(crate) use extend::Extend;
pub(crate) use get::Get;
pub(crate) use list::List;
pub(crate) use pause::Pause;
pub(crate) use refuse::Refuse;
pub(crate) use resume::Resume;
