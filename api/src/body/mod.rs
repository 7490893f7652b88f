//! Bodies of requests: their type, their bound, and JSON read strictly.

mod fault;
mod json;
#[cfg(test)]
mod json_tests;
mod keys;
mod media;
mod raw;

pub(crate) use fault::{Fault, Kind};
pub(crate) use json::{check, members, string};
pub(crate) use raw::{Form, RawBody};
