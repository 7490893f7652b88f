//! `/api/v1/autoscaler`: how many workers there should be, and why.

mod get;

pub(crate) use get::Get;
