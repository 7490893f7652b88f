//! Events of one customer, processed in one transaction: what they say, what follows, whom it is told, that it is done.

use levqor_audit::Actor;
use levqor_entities::{
    billing_accounts, billing_invoices,
    stripe_events::{self, State},
};
use levqor_platform::Platform;
use levqor_store::{RunId, StoreError, TenantId};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde_json::json;

use crate::{
    About, Claim, Event, How, Stage, Standing,
    books::{self, News, Turn},
    letters, link,
    trail::Desk,
};

/// What events tell together, and how far each is then.
#[derive(Default)]
struct Reading {
    news: News,
    claims: Vec<Claim>,
    /// Tell something that only an account can take.
    telling: Vec<String>,
    silent: Vec<String>,
    unreadable: Vec<String>,
}

/// Processes these events of one customer, or of none; runs to wake once it is committed.
pub(crate) async fn settle(
    platform: &Platform,
    customer: Option<&str>,
    ids: &[String],
) -> Result<Vec<RunId>, StoreError> {
    let tx = platform.db.begin().await?;
    let now = platform.db.now().await?;
    let desk = Desk {
        platform,
        tx: &tx,
        now,
    };
    let events = stripe_events::find_pending()
        .filter(stripe_events::Column::Id.is_in(ids))
        .lock_exclusive()
        .all(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    let reading = read(&events);
    mark(desk, &reading.unreadable, State::Unreadable, None).await?;
    let account = match customer {
        Some(customer) => account(desk, customer, &reading.claims).await?,
        None => None,
    };
    let Some(account) = account else {
        mark(desk, &reading.silent, State::Done, None).await?;
        mark(desk, &reading.telling, State::Unlinked, None).await?;
        tx.commit().await?;
        return Ok(Vec::new());
    };
    let done: Vec<String> = reading.telling.into_iter().chain(reading.silent).collect();
    mark(desk, &done, State::Done, Some(account.tenant_id)).await?;
    let turns = books::post(desk, &account, reading.news).await?;
    tell(desk, &account, &turns).await?;
    tx.commit().await?;
    Ok(turns
        .iter()
        .filter(|turn| turn.closed())
        .filter_map(|turn| turn.after.run_id)
        .collect())
}

fn read(rows: &[stripe_events::Model]) -> Reading {
    let mut reading = Reading::default();
    for row in rows {
        let into = match Event::of(&row.body).about() {
            Ok(About::Nothing) => &mut reading.silent,
            Ok(About::Payer(claim)) => {
                reading.claims.push(claim);
                &mut reading.telling
            }
            Ok(About::Invoice(id, facts)) => {
                let known = reading.news.invoices.remove(&id).unwrap_or_default();
                reading.news.invoices.insert(id, known.merge(facts));
                &mut reading.telling
            }
            Ok(About::Subscription(id, facts)) => {
                let known = reading.news.subscriptions.remove(&id).unwrap_or_default();
                reading.news.subscriptions.insert(id, known.merge(facts));
                &mut reading.telling
            }
            Err(why) => {
                tracing::error!(event = row.id, kind = row.kind, %why, "a signed event of Stripe cannot be read");
                &mut reading.unreadable
            }
        };
        into.push(row.id.clone());
    }
    reading
}

/// The customer's account, by its link or by what it says now.
async fn account(
    desk: Desk<'_>,
    customer: &str,
    claims: &[Claim],
) -> Result<Option<billing_accounts::Model>, StoreError> {
    let linked = billing_accounts::find_by_customer(customer)
        .lock_exclusive()
        .one(&**desk.tx)
        .await;
    if let Some(account) = linked.map_err(|error| desk.error(error))? {
        return Ok(Some(account));
    }
    for claim in claims {
        if let Some(account) = link::claimed(desk, customer, claim).await? {
            return Ok(Some(account));
        }
    }
    Ok(None)
}

async fn mark(
    desk: Desk<'_>,
    ids: &[String],
    state: State,
    tenant: Option<TenantId>,
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let marked = stripe_events::settle(ids.iter().map(String::as_str), state)
        .col_expr(stripe_events::Column::TenantId, Expr::value(tenant))
        .col_expr(stripe_events::Column::ProcessedAt, Expr::value(Some(desk.now)))
        .exec(&**desk.tx)
        .await;
    marked.map(drop).map_err(|error| desk.error(error))
}

/// Notes what changed, and writes to whom it matters.
async fn tell(desk: Desk<'_>, account: &billing_accounts::Model, turns: &[Turn]) -> Result<(), StoreError> {
    for turn in turns {
        if turn.opened() {
            desk.note(
                account.tenant_id,
                Actor::System,
                "billing.past_due",
                opening(turn),
            )
            .await?;
        }
        if turn.closed() {
            let detail = json!({"invoice": turn.after.id, "because": because(turn.standing)});
            desk.note(account.tenant_id, Actor::System, "billing.settled", detail)
                .await?;
        }
        if turn.after.past_due {
            letters::bank(desk, account, &turn.after, &turn.facts).await?;
        }
    }
    let closed: Vec<&Turn> = turns.iter().filter(|turn| turn.closed()).collect();
    if closed.is_empty() || owes(desk, account.tenant_id).await? {
        return Ok(());
    }
    let reached = closed
        .iter()
        .filter_map(|turn| Stage::from_code(turn.after.stage))
        .max();
    let detail = json!({"reached": reached.map_or("none", Stage::as_str)});
    desk.note(account.tenant_id, Actor::System, "billing.cleared", detail)
        .await?;
    match (closed.last(), reached) {
        (Some(last), Some(reached)) => letters::cleared(desk, account, last, reached).await,
        _ => Ok(()),
    }
}

fn opening(turn: &Turn) -> serde_json::Value {
    let newest = turn.facts.newest.as_ref();
    json!({
        "invoice": turn.after.id,
        "amount": newest.map(|newest| newest.remaining),
        "currency": newest.map(|newest| newest.currency.as_str()),
        "since": turn.after.since.map(|at| at.0),
        "policy": turn.after.policy,
    })
}

fn because(standing: Standing) -> &'static str {
    match standing {
        Standing::Ended(How::Paid) => "paid",
        Standing::Ended(How::Void) => "void",
        Standing::Ended(How::Uncollectible) => "uncollectible",
        Standing::Stopped => "subscription_stopped",
        Standing::Clear | Standing::PastDue(_) => "not_owed",
    }
}

/// Whether an invoice of the tenant is still past due.
async fn owes(desk: Desk<'_>, tenant: TenantId) -> Result<bool, StoreError> {
    let count = billing_invoices::find_past_due(tenant).count(&**desk.tx).await;
    count.map(|count| count > 0).map_err(|error| desk.error(error))
}
