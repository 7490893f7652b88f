//! Processing what was received. Whoever does it may die at any point: an event is marked in the transaction that does
//! what it asks for.

use std::collections::BTreeMap;

use levqor_entities::stripe_events::{self, State};
use levqor_platform::Platform;
use levqor_processes::{ProcessError, SYSTEM};
use levqor_store::StoreError;
use sea_orm::QuerySelect;
use serde_json::json;

use crate::batch;

/// Most events looked at in a pass.
const LIMIT: u64 = 200;

/// Processes what waits, at most 200 events; how many there were.
pub async fn process(platform: &Platform) -> Result<usize, ProcessError> {
    let db = &platform.db;
    let waiting = stripe_events::find_pending()
        .select_only()
        .column(stripe_events::Column::Id)
        .column(stripe_events::Column::Customer)
        .limit(LIMIT)
        .into_tuple::<(String, Option<String>)>()
        .all(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let found = waiting.len();
    let mut customers: BTreeMap<Option<String>, Vec<String>> = BTreeMap::new();
    for (id, customer) in waiting {
        customers.entry(customer).or_default().push(id);
    }
    for (customer, ids) in customers {
        match batch::settle(platform, customer.as_deref(), &ids).await {
            Ok(runs) => {
                for run in runs {
                    platform.processes.wake(SYSTEM, run, CHANGED, &json!({})).await?;
                }
            }
            // One customer's events must not hold up the others.
            Err(error @ (StoreError::Data(_) | StoreError::Corrupt(_))) => {
                tracing::error!(%error, ?ids, "events of Stripe cannot be processed");
                set_aside(platform, &ids).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// Type of the event that wakes a run of dunning.
pub(crate) const CHANGED: &str = "levqor.billing.changed";

/// Keeps events that cannot be processed for the operator.
async fn set_aside(platform: &Platform, ids: &[String]) -> Result<(), StoreError> {
    let tx = platform.db.begin().await?;
    let marked = stripe_events::settle(ids.iter().map(String::as_str), State::Unreadable)
        .exec(&*tx)
        .await;
    marked.map_err(|error| tx.error(error))?;
    tx.commit().await
}
