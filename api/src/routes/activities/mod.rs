//! `/api/v1/activities`.

#![expect(clippy::unused_async, reason = "the OpenApi macro takes async functions only")]

mod list;

pub(crate) use list::List;
