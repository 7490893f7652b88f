//! One step of dunning of one invoice: what is due now is done, and when to look again is said.

use std::time::Duration;

use levqor_audit::Actor;
use levqor_entities::billing_invoices;
use levqor_platform::Platform;
use levqor_store::{StoreError, TenantId};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;

use crate::{
    Facts, Stage,
    account::{held, locked},
    books, letters, policy,
    trail::Desk,
};

/// Where an invoice stands after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advance {
    /// The stage reached; None when it is not past due.
    pub stage: Option<Stage>,
    /// When to look again; None when there is nothing more to do.
    pub wait: Option<Duration>,
}

/// Does what is due for an invoice. It reads the rows anew, so it may be repeated, and asked at any time: a stage is
/// reached once, and its letter goes with it. While payment is promised nothing goes on.
pub async fn advance(platform: &Platform, tenant: TenantId, invoice: &str) -> Result<Advance, StoreError> {
    let tx = platform.db.begin().await?;
    let now = platform.db.now().await?;
    let desk = Desk {
        platform,
        tx: &tx,
        now,
    };
    let over = Advance {
        stage: None,
        wait: None,
    };
    let Some(account) = locked(desk, tenant).await? else {
        return Ok(over);
    };
    let row = billing_invoices::find_past_due(tenant)
        .filter(billing_invoices::Column::Id.eq(invoice))
        .one(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    let Some((mut row, since)) = row.and_then(|row| row.since.map(|since| (row, since))) else {
        return Ok(over);
    };
    let policy = policy::policy(&platform.db, row.policy).await?;
    let due = policy
        .due(since, now)
        .filter(|step| step.stage.code() > row.stage && !held(&account, now));
    if let Some(step) = due {
        row.stage = step.stage.code();
        let facts: Facts = books::read(&row.facts, &row.id)?;
        let written = letters::stage(desk, &account, &row, &facts, &policy, step).await?;
        let detail =
            json!({"invoice": row.id, "stage": step.stage, "letter": step.letter, "written": written});
        desk.note(tenant, Actor::System, "billing.stage", detail).await?;
    }
    row.next_at = books::next_at(&policy, &account, &row);
    row.updated_at = now;
    books::save(desk, true, &row).await?;
    tx.commit().await?;
    Ok(Advance {
        stage: Stage::from_code(row.stage),
        wait: row.next_at.map(|at| at.since(now)),
    })
}
