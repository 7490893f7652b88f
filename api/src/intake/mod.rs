//! Accepting runs: reading a request, deciding which workflow it means, and handing it to the batcher. One request and
//! the items of a batch take the same way.

mod accept;
mod commit;
mod fields;
mod hash;
mod many;
mod request;

pub(crate) use accept::{Accepted, prepare, settle, starts_now, submit_problem};
pub(crate) use commit::committed;
pub(crate) use fields::{PAYLOAD_LIMIT, header_key, is_workflow_name};
pub(crate) use many::Many;
pub(crate) use request::{RunRequest, RunRequestBody, priority_name};
