//! What a tenant owes, as it is told.

use levqor_entities::billing_invoices;
use levqor_store::{Db, StoreError, TenantId, Timestamp};
use sea_orm::QueryOrder;

use crate::{Facts, Money, Stage, account, books};

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is past due.
    Ok,
    /// A payment failed a moment ago, and no stage is reached yet.
    PastDue,
    /// The worst stage that a bill has reached.
    Reached(Stage),
    /// Payment is promised: nothing goes on until then.
    Held,
}

impl State {
    /// As it is shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::PastDue => "past_due",
            Self::Reached(stage) => stage.as_str(),
            Self::Held => "held",
        }
    }
}

/// An invoice that is past due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Stripe's id.
    pub id: String,
    /// The number on it.
    pub number: Option<String>,
    /// What is not paid of it.
    pub amount: Money,
    /// The stage reached.
    pub stage: Option<Stage>,
    /// When its first payment failed.
    pub since: Option<Timestamp>,
    /// When the next stage is due.
    pub next_at: Option<Timestamp>,
    /// Stripe's page on which it can be paid.
    pub url: Option<String>,
}

/// What a tenant owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// How the account stands.
    pub state: State,
    /// Whether anybody pays for the tenant at all.
    pub linked: bool,
    /// Until when payment is promised, and why nothing goes on.
    pub hold: Option<(Timestamp, String)>,
    /// When something happens next if nothing is paid.
    pub next_at: Option<Timestamp>,
    /// What is past due, oldest first.
    pub invoices: Vec<Owed>,
}

/// How this tenant's account stands.
pub async fn status(db: &Db, tenant: TenantId) -> Result<Status, StoreError> {
    let account = account::account(db, tenant).await?;
    let rows = billing_invoices::find_past_due(tenant)
        .order_by_asc(billing_invoices::Column::Since)
        .all(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let now = db.now().await?;
    let hold = account
        .as_ref()
        .filter(|account| account::held(account, now))
        .and_then(|account| {
            let reason = account.hold_reason.clone().unwrap_or_default();
            Some((account.hold_until?, reason))
        });
    let worst = rows.iter().map(|row| row.stage).max();
    let state = match worst.map(Stage::from_code) {
        None => State::Ok,
        Some(_) if hold.is_some() => State::Held,
        Some(None) => State::PastDue,
        Some(Some(stage)) => State::Reached(stage),
    };
    Ok(Status {
        state,
        linked: account.is_some(),
        hold,
        next_at: rows.iter().filter_map(|row| row.next_at).min(),
        invoices: rows.into_iter().map(owed).collect::<Result<_, _>>()?,
    })
}

fn owed(row: billing_invoices::Model) -> Result<Owed, StoreError> {
    let facts: Facts = books::read(&row.facts, &row.id)?;
    let newest = facts
        .newest
        .ok_or_else(|| StoreError::Corrupt(format!("no amount of {}", row.id)))?;
    Ok(Owed {
        number: newest.number,
        amount: Money {
            minor: newest.remaining,
            currency: newest.currency,
        },
        stage: Stage::from_code(row.stage),
        since: row.since,
        next_at: row.next_at,
        url: newest.url,
        id: row.id,
    })
}
