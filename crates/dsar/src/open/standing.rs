//! The request that another one gives back.

use std::time::Duration;

use levqor_entities::dsar_requests::{self, Column};
use levqor_store::{StoreError, TenantId, Timestamp, Tx, UserId};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::{Asking, By};
use crate::{QUOTA, Request, State};

/// A request of the tenant's that nobody has confirmed is given back for this long, without another mail: no more than
/// four mails an hour can be made to reach somebody.
const AGAIN: Duration = Duration::from_mins(15);

/// The request that stands for this one, if there is one; the user's row must be locked.
pub(super) async fn standing(
    tx: &Tx,
    asking: &Asking,
    now: Timestamp,
) -> Result<Option<Request>, StoreError> {
    if let Some(verified) = verified(tx, asking.tenant, asking.user, now).await? {
        return Ok(Some(verified));
    }
    match asking.by {
        By::User => Ok(None),
        By::Key(_) => unconfirmed(tx, asking, now).await,
    }
}

/// The person's verified request of the last 24 hours. One that failed does not count: it gave them nothing.
pub(super) async fn verified(
    tx: &Tx,
    tenant: TenantId,
    user: UserId,
    now: Timestamp,
) -> Result<Option<Request>, StoreError> {
    let since = Timestamp(now.0 - Timestamp(0).after(QUOTA).0);
    let found = dsar_requests::secure_find(tenant)
        .filter(Column::UserId.eq(user))
        .filter(Column::VerifiedAt.gt(since))
        .filter(Column::State.ne(State::Failed))
        .order_by_desc(Column::VerifiedAt);
    found.one(&**tx).await.map_err(|error| tx.error(error))
}

async fn unconfirmed(tx: &Tx, asking: &Asking, now: Timestamp) -> Result<Option<Request>, StoreError> {
    let since = Timestamp(now.0 - Timestamp(0).after(AGAIN).0);
    let found = dsar_requests::secure_find(asking.tenant)
        .filter(Column::UserId.eq(asking.user))
        .filter(Column::State.eq(State::Unverified))
        .filter(Column::ReceivedAt.gt(since))
        .order_by_desc(Column::Id);
    found.one(&**tx).await.map_err(|error| tx.error(error))
}
