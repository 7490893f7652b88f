//! Activities: the Rust functions a document calls by name.
//!
//! One activity = one file in `activities/` = one struct with typed input and output. An attempt may be repeated after a
//! crash, always with the same idempotency key; only its committed outcome counts (I4).

mod context;
mod error;
mod progress;
mod registry;

pub use context::Context;
pub use error::ActivityError;
pub use progress::{Progress, ProgressMap};
pub(crate) use registry::Unavailable;
pub use registry::{Description, Registry};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

/// A function that documents call with `call: <NAME>`.
pub trait Activity: Send + Sync + 'static {
    /// What documents call it.
    const NAME: &'static str;
    /// What it does, in a sentence, for people.
    const ABOUT: &'static str;
    /// What `with` must be. Input that does not fit is a `validation` error, status 400, and is not retried.
    type Input: DeserializeOwned + JsonSchema + Send;
    /// The task's output.
    type Output: Serialize + JsonSchema + Send;

    /// One attempt. Implementations write `async fn run`. A panic counts as a failed attempt that may be retried.
    fn run(
        &self,
        input: Self::Input,
        ctx: &Context,
    ) -> impl Future<Output = Result<Self::Output, ActivityError>> + Send;
}
