//! Reading the ledger.

use std::collections::HashMap;

use levqor_entities::{
    ledger_entries::{self, Column, Model},
    ledger_postings::{self, Model as Posting},
};
use levqor_store::{Db, LedgerEntryId, StoreError, TenantId, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

/// Which entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Booked at this time or later.
    pub from: Option<Timestamp>,
    /// Booked before.
    pub to: Option<Timestamp>,
    /// Only those that move something on this account.
    pub account: Option<String>,
    /// Only those of this workflow, `namespace/name`.
    pub workflow: Option<String>,
    /// Only those before this one.
    pub before: Option<LedgerEntryId>,
}

/// A tenant's entries with their postings, newest first, at most `limit`.
///
/// # Errors
/// The database is away.
pub async fn entries(
    db: &Db,
    tenant: TenantId,
    filter: Filter,
    limit: u64,
) -> Result<Vec<(Model, Vec<Posting>)>, StoreError> {
    let mut found = match &filter.account {
        Some(account) => ledger_entries::find_of_account(tenant, account),
        None => ledger_entries::secure_find(tenant),
    };
    if let Some(from) = filter.from {
        found = found.filter(Column::At.gte(from));
    }
    if let Some(to) = filter.to {
        found = found.filter(Column::At.lt(to));
    }
    if let Some(workflow) = filter.workflow {
        found = found.filter(Column::Workflow.eq(workflow));
    }
    if let Some(before) = filter.before {
        found = found.filter(Column::Id.lt(before));
    }
    let found = found.order_by_desc(Column::Id).limit(limit);
    let found = found.all(db.reader()).await.map_err(|error| db.error(error))?;
    let mut postings = postings(db, tenant, &found).await?;
    let with = |entry: Model| {
        let own = postings.remove(&entry.id).unwrap_or_default();
        (entry, own)
    };
    Ok(found.into_iter().map(with).collect())
}

async fn postings(
    db: &Db,
    tenant: TenantId,
    entries: &[Model],
) -> Result<HashMap<LedgerEntryId, Vec<Posting>>, StoreError> {
    let ids = entries.iter().map(|entry| entry.id);
    let rows = ledger_postings::secure_find(tenant)
        .filter(ledger_postings::Column::EntryId.is_in(ids))
        .order_by_asc(ledger_postings::Column::Line)
        .all(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let mut by_entry: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        by_entry.entry(row.entry_id).or_default().push(row);
    }
    Ok(by_entry)
}
