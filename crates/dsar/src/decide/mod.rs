//! What the tenant decides about a request, each time with a reason that the person is told.

pub(crate) mod clock;
mod extend;
mod pause;
mod reason;
mod refuse;
mod resume;
mod tell;

use levqor_platform::Platform;
use levqor_store::{StoreError, TenantId, Tx};

pub use extend::extend;
pub use pause::pause;
pub use reason::Reason;
pub use refuse::refuse;
pub use resume::resume;
pub(crate) use tell::{Told, tell};

use crate::{DsarError, DsarId, Refusal, Request, State, find};

/// States in which a request is not answered yet, so that its clock runs.
pub(crate) const UNANSWERED: [State; 5] = [
    State::Unverified,
    State::Accepted,
    State::Collected,
    State::Packaged,
    State::Stored,
];

/// The tenant's request, when its clock still runs.
async fn running(platform: &Platform, tenant: TenantId, id: DsarId) -> Result<Request, DsarError> {
    let request = find(&platform.db, tenant, id)
        .await?
        .ok_or(Refusal::UnknownRequest)?;
    if UNANSWERED.contains(&request.state) {
        Ok(request)
    } else {
        Err(Refusal::Over(request.state).into())
    }
}

/// What the tenant is called: the controller, to people.
pub(crate) async fn controller(tx: &Tx, tenant: TenantId) -> Result<String, StoreError> {
    let found = levqor_entities::tenants::secure_find(tenant).one(&**tx).await;
    let found = found.map_err(|error| tx.error(error))?;
    Ok(found.map(|tenant| tenant.name).unwrap_or_default())
}
