//! The bucket against a server that checks every signature.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

mod bucket;
mod s3;
mod sigv4;
