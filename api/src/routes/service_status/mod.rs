//! `/api/status` and `/status`: how the service is, for everybody.

mod get;
mod page;
mod view;

use std::{convert::Infallible, sync::Arc, time::Duration};

use levqor_platform::Cache;
use levqor_status::{Status, status};

pub(crate) use get::Get;
pub(crate) use page::StatusPage;

use crate::state::Shared;

/// An answer is good for this long: whoever asks oftener costs nothing.
const MAX_AGE: Duration = Duration::from_secs(5);

/// A database that has not answered after this time is away.
const PATIENCE: Duration = Duration::from_secs(3);

/// What was read last; none while the database is away.
pub(crate) struct ServiceStatus(Cache<(), Option<Arc<Status>>>);

impl ServiceStatus {
    pub(crate) fn new() -> Self {
        Self(Cache::new(MAX_AGE, 1))
    }

    async fn of(&self, shared: &Shared) -> Option<Arc<Status>> {
        let Ok(found) = self
            .0
            .get(
                (),
                || shared.now(),
                async || Ok::<_, Infallible>(read(shared).await),
            )
            .await;
        found
    }
}

/// A database that is away is no error here but what is to be told.
async fn read(shared: &Shared) -> Option<Arc<Status>> {
    match tokio::time::timeout(PATIENCE, status(&shared.api.platform.db)).await {
        Ok(Ok(found)) => Some(Arc::new(found)),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the status cannot be read");
            None
        }
        Err(_) => {
            tracing::warn!("the status was not read in time");
            None
        }
    }
}
