//! What happens to every request around its operation, in this order: request id, address, panic guard, key, rate, URL,
//! OPTIONS, time limit, the operation; then errors become problem documents, headers are added, and it is logged.

mod address;
mod admission;
mod context;
mod gate;
mod headers;
mod query;
mod render;
mod request_id;
mod trace;

pub(crate) use address::Address;
pub(crate) use gate::Gate;
