//! Moving a request on.

use levqor_entities::{
    dsar_requests::{self, Column},
    users,
};
use levqor_store::{StoreError, TenantId, Tx, UserId};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, sea_query::Expr};

use crate::{Request, State};

/// Sets columns of a request when it is in one of these states and `guard` holds; the row as it is then. None: it was not, and nothing
/// changed. Two that try at once take turns at the row, so one of them sees what the other did.
pub(crate) async fn change(
    tx: &Tx,
    request: &Request,
    from: &[State],
    guard: Option<Expr>,
    set: Vec<(Column, Expr)>,
) -> Result<Option<Request>, StoreError> {
    let mut update = dsar_requests::secure_update(request.tenant_id)
        .filter(Column::Id.eq(request.id))
        .filter(Column::State.is_in(from.iter().copied()));
    if let Some(guard) = guard {
        update = update.filter(guard);
    }
    for (column, value) in set {
        update = update.col_expr(column, value);
    }
    let changed = update.exec(&**tx).await.map_err(|error| tx.error(error))?;
    if changed.rows_affected == 0 {
        return Ok(None);
    }
    let found = dsar_requests::secure_find(request.tenant_id).filter(Column::Id.eq(request.id));
    found.one(&**tx).await.map_err(|error| tx.error(error))
}

/// The person, whose row nobody else locks meanwhile: requests for one person take turns.
pub(crate) async fn locked_user(
    tx: &Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<users::Model>, StoreError> {
    let found = users::secure_find(tenant)
        .filter(users::Column::Id.eq(user))
        .lock_exclusive();
    found.one(&**tx).await.map_err(|error| tx.error(error))
}
