//! Finding requests.

use levqor_entities::dsar_requests::{self, Column};
use levqor_store::{Db, StoreError, TenantId, Timestamp, UserId};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{DsarId, Request, State};

/// Which requests to list; all conditions hold at once.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this person.
    pub user: Option<UserId>,
    /// Only those that are known to come from the person.
    pub verified: bool,
    /// In this state.
    pub state: Option<State>,
    /// Not answered, and due before this time.
    pub due_before: Option<Timestamp>,
    /// Received before the one with this id: for the next page.
    pub before: Option<DsarId>,
}

/// The tenant's request with this id.
pub async fn find(db: &Db, tenant: TenantId, id: DsarId) -> Result<Option<Request>, StoreError> {
    let found = dsar_requests::secure_find(tenant).filter(Column::Id.eq(id));
    found.one(db.reader()).await.map_err(|error| db.error(error))
}

/// The person's own request with this id, when it is known to be theirs.
pub async fn own(db: &Db, tenant: TenantId, user: UserId, id: DsarId) -> Result<Option<Request>, StoreError> {
    let found = find(db, tenant, id).await?;
    Ok(found.filter(|request| request.user_id == user && request.state != State::Unverified))
}

/// The tenant's requests, newest first, at most `most`.
pub async fn list(db: &Db, tenant: TenantId, filter: &Filter, most: u64) -> Result<Vec<Request>, StoreError> {
    let mut found = dsar_requests::secure_find(tenant)
        .order_by_desc(Column::Id)
        .limit(most);
    if let Some(user) = filter.user {
        found = found.filter(Column::UserId.eq(user));
    }
    if filter.verified {
        found = found.filter(Column::State.ne(State::Unverified));
    }
    if let Some(state) = filter.state {
        found = found.filter(Column::State.eq(state));
    }
    if let Some(due) = filter.due_before {
        found = found
            .filter(Column::DueAt.lt(due))
            .filter(Column::State.is_in(crate::decide::UNANSWERED));
    }
    if let Some(before) = filter.before {
        found = found.filter(Column::Id.lt(before));
    }
    found.all(db.reader()).await.map_err(|error| db.error(error))
}
