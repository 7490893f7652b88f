//! `/api/v1/events`.

mod create;

pub(crate) use create::Create;
