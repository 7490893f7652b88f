//! Rows of invoices and subscriptions: read, added to, and written with what follows.

use std::collections::BTreeMap;

use levqor_entities::{billing_accounts, billing_invoices, billing_subscriptions};
use levqor_store::{StoreError, TenantId, Timestamp};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, Insert, IntoActiveModel, QueryFilter, sea_query::OnConflict,
};
use serde::de::DeserializeOwned;

use crate::{Facts, Policy, Stage, Standing, SubscriptionFacts, policy, standing, trail::Desk};

/// What a batch of events says, by object.
#[derive(Debug, Default)]
pub(crate) struct News {
    pub(crate) invoices: BTreeMap<String, Facts>,
    pub(crate) subscriptions: BTreeMap<String, SubscriptionFacts>,
}

/// An invoice before and after.
pub(crate) struct Turn {
    pub(crate) before: Option<billing_invoices::Model>,
    pub(crate) after: billing_invoices::Model,
    pub(crate) facts: Facts,
    pub(crate) standing: Standing,
}

impl Turn {
    /// It became past due.
    pub(crate) fn opened(&self) -> bool {
        self.after.past_due && !self.was_past_due()
    }

    /// It was past due and is not any more.
    pub(crate) fn closed(&self) -> bool {
        !self.after.past_due && self.was_past_due()
    }

    fn was_past_due(&self) -> bool {
        self.before.as_ref().is_some_and(|row| row.past_due)
    }
}

/// Adds the news to what is stored, and gives every invoice that they touch.
pub(crate) async fn post(
    desk: Desk<'_>,
    account: &billing_accounts::Model,
    mut news: News,
) -> Result<Vec<Turn>, StoreError> {
    let tenant = account.tenant_id;
    let subscriptions: Vec<String> = news.subscriptions.keys().cloned().collect();
    let rows = touched(desk, tenant, &news.invoices, &subscriptions).await?;
    let mut invoices: BTreeMap<String, (Option<billing_invoices::Model>, Facts)> = BTreeMap::new();
    for row in rows {
        let known: Facts = read(&row.facts, &row.id)?;
        let facts = known.merge(news.invoices.remove(&row.id).unwrap_or_default());
        invoices.insert(row.id.clone(), (Some(row), facts));
    }
    invoices.extend(news.invoices.into_iter().map(|(id, facts)| (id, (None, facts))));
    let stopped = post_subscriptions(desk, tenant, news.subscriptions, &invoices).await?;
    let latest = policy::latest_policy(&desk.platform.db).await?.0;
    let mut turns = Vec::with_capacity(invoices.len());
    for (id, (before, facts)) in invoices {
        let subscription = facts
            .newest
            .as_ref()
            .and_then(|newest| newest.subscription.clone());
        let standing = standing(&facts, subscription.as_ref().and_then(|id| stopped.get(id)));
        let after = billing_invoices::Model {
            facts: write(&facts)?,
            subscription,
            since: facts.since(),
            updated_at: desk.now,
            ..before.clone().unwrap_or_else(|| blank(tenant, id, desk.now))
        };
        let after = follow(desk, account, after, standing, latest).await?;
        save(desk, before.is_some(), &after).await?;
        turns.push(Turn {
            before,
            after,
            facts,
            standing,
        });
    }
    Ok(turns)
}

/// What the standing makes of the row.
async fn follow(
    desk: Desk<'_>,
    account: &billing_accounts::Model,
    mut row: billing_invoices::Model,
    standing: Standing,
    latest: i64,
) -> Result<billing_invoices::Model, StoreError> {
    let Standing::PastDue(_) = standing else {
        row.past_due = false;
        row.starting = false;
        row.next_at = None;
        return Ok(row);
    };
    if !row.past_due {
        // One that had reached a stage goes on under the policy it began under.
        row.policy = if row.stage == 0 { latest } else { row.policy };
        row.past_due = true;
        row.episode += 1;
        row.starting = true;
        row.run_id = None;
    }
    let policy = policy::policy(&desk.platform.db, row.policy).await?;
    row.next_at = next_at(&policy, account, &row);
    Ok(row)
}

/// When to look at a past-due invoice next: when its next stage is due, and not before a promise to pay runs out.
pub(crate) fn next_at(
    policy: &Policy,
    account: &billing_accounts::Model,
    row: &billing_invoices::Model,
) -> Option<Timestamp> {
    let (due, _) = policy.next(row.since?, Stage::from_code(row.stage))?;
    Some(account.hold_until.map_or(due, |until| due.max(until)))
}

async fn touched(
    desk: Desk<'_>,
    tenant: TenantId,
    invoices: &BTreeMap<String, Facts>,
    subscriptions: &[String],
) -> Result<Vec<billing_invoices::Model>, StoreError> {
    let any = Condition::any()
        .add(billing_invoices::Column::Id.is_in(invoices.keys()))
        .add(billing_invoices::Column::Subscription.is_in(subscriptions));
    let rows = billing_invoices::secure_find(tenant)
        .filter(any)
        .all(&**desk.tx)
        .await;
    rows.map_err(|error| desk.error(error))
}

/// Adds the news of subscriptions to their rows; the facts of all that the invoices are for.
async fn post_subscriptions(
    desk: Desk<'_>,
    tenant: TenantId,
    mut news: BTreeMap<String, SubscriptionFacts>,
    invoices: &BTreeMap<String, (Option<billing_invoices::Model>, Facts)>,
) -> Result<BTreeMap<String, SubscriptionFacts>, StoreError> {
    let named = invoices
        .values()
        .filter_map(|(_, facts)| facts.newest.as_ref()?.subscription.clone());
    let wanted: Vec<String> = named.chain(news.keys().cloned()).collect();
    let rows = billing_subscriptions::secure_find(tenant)
        .filter(billing_subscriptions::Column::Id.is_in(wanted))
        .all(&**desk.tx)
        .await
        .map_err(|error| desk.error(error))?;
    let mut facts = BTreeMap::new();
    for row in rows {
        let known: SubscriptionFacts = read(&row.facts, &row.id)?;
        match news.remove(&row.id) {
            Some(new) => {
                let merged = known.merge(new);
                save_subscription(desk, tenant, &row.id, &merged).await?;
                facts.insert(row.id, merged);
            }
            None => {
                facts.insert(row.id, known);
            }
        }
    }
    for (id, new) in news {
        save_subscription(desk, tenant, &id, &new).await?;
        facts.insert(id, new);
    }
    Ok(facts)
}

async fn save_subscription(
    desk: Desk<'_>,
    tenant: TenantId,
    id: &str,
    facts: &SubscriptionFacts,
) -> Result<(), StoreError> {
    use billing_subscriptions::Column::{Facts, Id, TenantId, UpdatedAt};
    let row = billing_subscriptions::Model {
        tenant_id: tenant,
        id: id.to_owned(),
        facts: write(facts)?,
        updated_at: desk.now,
    };
    let again = OnConflict::columns([TenantId, Id])
        .update_columns([Facts, UpdatedAt])
        .to_owned();
    let saved = Insert::one(row.into_active_model())
        .on_conflict(again)
        .exec_without_returning(&**desk.tx)
        .await;
    saved.map(drop).map_err(|error| desk.error(error))
}

/// Writes the row whole. Whoever calls holds the account.
pub(crate) async fn save(
    desk: Desk<'_>,
    exists: bool,
    row: &billing_invoices::Model,
) -> Result<(), StoreError> {
    let active = row.clone().into_active_model();
    let saved = if exists {
        active.reset_all().update(&**desk.tx).await.map(drop)
    } else {
        Insert::one(active.reset_all())
            .exec_without_returning(&**desk.tx)
            .await
            .map(drop)
    };
    saved.map_err(|error| desk.error(error))
}

fn blank(tenant: TenantId, id: String, now: Timestamp) -> billing_invoices::Model {
    billing_invoices::Model {
        tenant_id: tenant,
        id,
        subscription: None,
        facts: String::new(),
        past_due: false,
        stage: 0,
        since: None,
        next_at: None,
        policy: 0,
        episode: 0,
        starting: false,
        run_id: None,
        updated_at: now,
    }
}

/// Facts of a stored row.
pub(crate) fn read<T: DeserializeOwned>(text: &str, id: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("facts of {id}: {error}")))
}

fn write(facts: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(facts).map_err(|error| StoreError::Corrupt(error.to_string()))
}
