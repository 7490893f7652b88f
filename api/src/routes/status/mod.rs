//! `/api/v1/status`.

mod get;

pub(crate) use get::Get;
