//! Which of Stripe's customers pays for a tenant.

use levqor_accounts::Email;
use levqor_audit::Actor;
use levqor_entities::{
    billing_accounts,
    stripe_events::{self, State},
    tenants,
};
use levqor_platform::Platform;
use levqor_store::{StoreError, TenantId};
use sea_orm::{
    ActiveValue::Set,
    Insert,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;

use crate::{Claim, trail::Desk};

/// Language of letters where nobody said.
const LOCALE: &str = "en";

/// Who pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    /// Stripe's id, `cus_…`.
    pub customer: String,
    /// Where letters go; None leaves what is known.
    pub email: Option<String>,
    /// Language tag; None leaves what is known.
    pub locale: Option<String>,
}

/// Why a customer was not linked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// It pays for another tenant.
    #[error("the customer is linked to tenant {0}")]
    Taken(TenantId),
    /// The text is no address.
    #[error("{0:?} is no e-mail address")]
    Email(String),
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Says who pays for a tenant, in place of who did, and processes what Stripe has sent about that customer so far.
pub async fn link(platform: &Platform, tenant: TenantId, payer: &Payer) -> Result<(), LinkError> {
    let email = match &payer.email {
        Some(text) => Some(address(text).ok_or_else(|| LinkError::Email(text.clone()))?),
        None => None,
    };
    let payer = Payer {
        email,
        ..payer.clone()
    };
    let tx = platform.db.begin().await?;
    let now = platform.db.now().await?;
    let desk = Desk {
        platform,
        tx: &tx,
        now,
    };
    let other = billing_accounts::find_by_customer(&payer.customer)
        .one(&*tx)
        .await;
    if let Some(other) = other
        .map_err(|error| tx.error(error))?
        .filter(|other| other.tenant_id != tenant)
    {
        return Err(LinkError::Taken(other.tenant_id));
    }
    // Events first, as whoever processes them takes its locks.
    let waiting = stripe_events::in_state_of(&payer.customer, State::Unlinked)
        .col_expr(stripe_events::Column::State, Expr::value(State::Pending));
    waiting.exec(&*tx).await.map_err(|error| tx.error(error))?;
    write(desk, tenant, &payer, Actor::Operator).await?;
    tx.commit().await?;
    Ok(())
}

/// A customer that says of itself for which tenant it pays is believed once, where the tenant has nobody who pays and
/// the customer pays for nobody: what it says may come from a link that anybody can change.
pub(crate) async fn claimed(
    desk: Desk<'_>,
    customer: &str,
    claim: &Claim,
) -> Result<Option<billing_accounts::Model>, StoreError> {
    let tenant = tenants::secure_find(claim.tenant)
        .one(&**desk.tx)
        .await
        .map_err(|error| desk.error(error))?;
    let has = billing_accounts::secure_find(claim.tenant)
        .one(&**desk.tx)
        .await
        .map_err(|error| desk.error(error))?;
    if tenant.is_none() || has.is_some() {
        tracing::warn!(customer, tenant = %claim.tenant, "a customer claims a tenant that is unknown or has another");
        return Ok(None);
    }
    let payer = Payer {
        customer: customer.to_owned(),
        email: claim.email.as_deref().and_then(address),
        locale: claim.locale.clone(),
    };
    write(desk, claim.tenant, &payer, Actor::System).await?;
    crate::account::locked(desk, claim.tenant).await
}

async fn write(desk: Desk<'_>, tenant: TenantId, payer: &Payer, actor: Actor) -> Result<(), StoreError> {
    let row = billing_accounts::ActiveModel {
        tenant_id: Set(tenant),
        customer: Set(payer.customer.clone()),
        email: Set(payer.email.clone()),
        locale: Set(payer.locale.clone().unwrap_or_else(|| LOCALE.to_owned())),
        hold_until: Set(None),
        hold_reason: Set(None),
        linked_at: Set(desk.now),
        updated_at: Set(desk.now),
    };
    let mut changed = vec![
        billing_accounts::Column::Customer,
        billing_accounts::Column::UpdatedAt,
    ];
    changed.extend(payer.email.is_some().then_some(billing_accounts::Column::Email));
    changed.extend(payer.locale.is_some().then_some(billing_accounts::Column::Locale));
    let again = OnConflict::column(billing_accounts::Column::TenantId)
        .update_columns(changed)
        .to_owned();
    let written = Insert::one(row)
        .on_conflict(again)
        .exec_without_returning(&**desk.tx)
        .await;
    written.map_err(|error| desk.error(error))?;
    let detail = json!({"customer": payer.customer, "address": payer.email.is_some()});
    desk.note(tenant, actor, "billing.linked", detail).await
}

/// Normalised; None when it is no address.
fn address(text: &str) -> Option<String> {
    Email::parse(text).ok().map(|email| email.to_string())
}
