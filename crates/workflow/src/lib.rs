//! The language: Open Workflow Specification (formerly CNCF Serverless Workflow) DSL 1.0.x documents,
//! parsed, validated and lowered to a typed model whose parts know their JSON pointers.

pub mod error_type;
pub mod model;
mod problem;

pub use problem::Problem;
