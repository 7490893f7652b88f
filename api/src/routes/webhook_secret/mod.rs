//! `/api/v1/webhook-secret`.

#![expect(clippy::unused_async, reason = "the OpenApi macro takes async functions only")]

mod get;

pub(crate) use get::Get;
