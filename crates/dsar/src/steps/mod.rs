//! The steps of the process, in its order. Each may be repeated after a crash anywhere: it looks how far the request is,
//! does its work, and commits it with one UPDATE that demands the state it began from. A step of a request that is over,
//! or further, does nothing.

mod collect;
mod expire;
mod fail;
mod notify;
mod package;
mod store;

use levqor_platform::Platform;
use levqor_store::TenantId;

pub use collect::collect;
pub use expire::expire;
pub use fail::fail;
pub use notify::notify;
pub use package::package;
pub use store::store;

use crate::{DsarError, DsarId, Refusal, Request, find};

async fn request(platform: &Platform, tenant: TenantId, id: DsarId) -> Result<Request, DsarError> {
    let found = find(&platform.db, tenant, id).await?;
    Ok(found.ok_or(Refusal::UnknownRequest)?)
}

/// Work that holds a processor, away from the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DsarError> + Send + 'static,
) -> Result<T, DsarError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| DsarError::BrokenOff)?
}
