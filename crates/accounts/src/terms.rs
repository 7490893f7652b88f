//! Accepting terms.

use levqor_audit::{Actor, Entry, append};
use levqor_entities::users::{self, Column};
use levqor_platform::Platform;
use levqor_store::{StoreError, TenantId, Timestamp, UserId};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

/// A person accepts terms.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// Who says so: the person, or the tenant for them.
    pub actor: Actor,
    /// The terms' version, as the tenant names it.
    pub version: String,
    /// Where the person was, cut short: an address of a network, not of a household.
    pub address: String,
}

/// Keeps the acceptance: in the record the last one, in the stream `people` of the trail each. When it was; None when
/// there is no such person.
pub async fn accept_terms(
    platform: &Platform,
    tenant: TenantId,
    user: UserId,
    acceptance: Acceptance,
) -> Result<Option<Timestamp>, StoreError> {
    let Acceptance {
        actor,
        version,
        address,
    } = acceptance;
    let now = platform.db.now().await?;
    let detail = json!({"version": version, "address": address});
    let tx = platform.db.begin().await?;
    let accepted = users::secure_update(tenant)
        .filter(Column::Id.eq(user))
        .col_expr(Column::TermsVersion, Expr::value(version))
        .col_expr(Column::TermsAt, Expr::value(now))
        .col_expr(Column::TermsIp, Expr::value(address))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .exec(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    if accepted.rows_affected == 0 {
        return Ok(None);
    }
    let entry = Entry {
        tenant,
        stream: "people",
        kind: "people.terms_accepted",
        actor,
        subject: Some(user),
        detail: &detail,
    };
    append(&tx, platform, now, entry).await?;
    tx.commit().await?;
    Ok(Some(now))
}
