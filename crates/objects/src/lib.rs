//! Object storage: what is too large or too short-lived for the database, under keys such as `dsar/0198…/export.zip`.

mod folder;
mod key;
mod s3;

use async_trait::async_trait;
use bytes::Bytes;

pub use folder::Folder;
pub use key::Key;
pub use s3::{Now, S3, S3Location};

/// Why an object could not be written, read or deleted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectError {
    /// The storage does not answer or refuses; another try may help.
    #[error("object storage is unavailable: {0}")]
    Unavailable(String),
    /// The installation is not set up for it; an operator must act.
    #[error("object storage is not set up: {0}")]
    Setup(String),
}

/// A place for objects. Object-safe: roles hold an `Arc<dyn Objects>`.
#[async_trait]
pub trait Objects: Send + Sync + 'static {
    /// Writes an object whole, or not at all; replaces one of the same key. Durable when it returns.
    async fn put(&self, key: &Key, content: Bytes) -> Result<(), ObjectError>;

    /// Reads an object whole; None when there is none.
    async fn get(&self, key: &Key) -> Result<Option<Bytes>, ObjectError>;

    /// Deletes an object; one that is not there is no error.
    async fn delete(&self, key: &Key) -> Result<(), ObjectError>;
}
