//! The bucket against a server that checks every signature.

mod bucket;
mod s3;
mod sigv4;
