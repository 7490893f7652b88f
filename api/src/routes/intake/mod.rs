//! `/api/v1/intake`.

mod batch;
mod create;
mod header;

pub(crate) use batch::Batch;
pub(crate) use create::Create;
pub(crate) use header::IdempotencyKey;
