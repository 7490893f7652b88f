//! Errors. The policy:
//!
//! * Whatever a caller may see is a [`Problem`] with a stable [`Code`]; handlers return [`Failed`], which also
//!   tells the OpenAPI document which codes the operation answers.
//! * Bad input never gives a 5xx. A 5xx never carries the text of a driver: that goes to the log, under the request id.
//! * `detail` says what is wrong with this request; what a code means in general is in codes.rs only.

mod codes;
mod dsar;
mod failed;
mod problem;
mod product;
mod store;

pub use codes::{Code, reference};
pub(crate) use failed::{Failed, Failures};
pub(crate) use problem::{ErrorItem, Problem, ProblemBody};
