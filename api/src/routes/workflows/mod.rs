//! `/api/v1/workflows`.

mod create;
mod document;
mod get_latest;
mod get_version;
mod list;
mod validate;
mod view;

pub(crate) use create::Create;
pub(crate) use get_latest::GetLatest;
pub(crate) use get_version::GetVersion;
pub(crate) use list::List;
pub(crate) use validate::Validate;
