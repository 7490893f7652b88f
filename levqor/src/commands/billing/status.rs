//! `levqor billing status`: read beside a running server.

use anyhow::Context;
use levqor_billing::{Owed, status as status_of, waiting};
use levqor_entities::tenants;
use serde_json::{Value, json};

use crate::{config::Config, wiring};

/// Prints what the tenant owes. Events that are `unlinked` wait for `levqor billing link`; `unreadable` ones have a form
/// that this program does not know and are in the log.
pub(super) async fn status(config: &Config, name: &str) -> anyhow::Result<()> {
    let db = wiring::read(config).await?;
    let tenant = tenants::find_by_name(name).one(db.reader()).await?;
    let tenant = tenant.with_context(|| format!("there is no tenant {name}"))?.id;
    let status = status_of(&db, tenant).await?;
    let events = waiting(&db).await?;
    let shown = json!({
        "tenant": name,
        "status": status.state.as_str(),
        "linked": status.linked,
        "hold_until": status.hold.as_ref().map(|(until, _)| until.0),
        "hold_reason": status.hold.as_ref().map(|(_, reason)| reason),
        "next_action_at": status.next_at.map(|at| at.0),
        "invoices": status.invoices.iter().map(owed).collect::<Vec<_>>(),
        "events": {
            "pending": events.pending,
            "unlinked": events.unlinked,
            "unreadable": events.unreadable,
        },
    });
    println!("{shown}");
    Ok(())
}

fn owed(owed: &Owed) -> Value {
    json!({
        "id": owed.id,
        "amount": owed.amount.minor,
        "currency": owed.amount.currency,
        "stage": owed.stage,
        "past_due_since": owed.since.map(|at| at.0),
        "next_action_at": owed.next_at.map(|at| at.0),
    })
}
