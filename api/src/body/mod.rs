//! Bodies of requests: their type, their bound, and JSON read strictly.

mod fault;
mod fields;
mod json;
#[cfg(test)]
mod json_tests;
mod keys;
mod media;
mod raw;
mod scalar;
mod split;
mod typed;
mod words;

pub(crate) use fault::pointer;
pub(crate) use fields::Fields;
pub(crate) use json::{check, members, string};
pub(crate) use raw::{BODY_LIMIT, Form, RawBody};
pub(crate) use split::Splitter;
pub(crate) use typed::{Typed, typed};
pub(crate) use words::{line, text};
