//! The language: Open Workflow Specification (formerly CNCF Serverless Workflow) DSL 1.0.x documents,
//! parsed, validated and lowered to a typed model whose parts know their JSON pointers.
//!
//! ```text
//! bytes --read--> tree of values with positions --lower--> Definition
//! ```
//!
//! Nothing here does IO, reads a clock or makes an id. Every recursion is bounded by [`limits::DEPTH`].

mod canonical;
pub mod duration;
pub mod error_type;
pub mod limits;
mod lower;
pub mod model;
mod names;
mod parse;
mod problem;
mod read;
pub mod schedule;
pub mod schema;
mod tree;

pub use canonical::{canonical, canonical_value, hash};
pub use parse::{Known, parse};
pub use problem::Problem;
