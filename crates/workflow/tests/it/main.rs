//! Tests of the language over whole documents.

mod conformance;
mod constructs;
mod documents;
mod malformed;
mod malformed_tasks;
mod malformed_text;
mod robustness;
