//! The rules as they are in the database, with what a tenant chose.

use std::collections::HashMap;

use levqor_entities::{retention_overrides, retention_policies};
use levqor_store::{Db, StoreError, TenantId};

use crate::policy::{Policy, policies};

/// A rule as it applies to somebody.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What the program does.
    pub policy: &'static Policy,
    /// What the database says of it: this program's version.
    pub stored: retention_policies::Model,
    /// What the tenant chose, when it did.
    pub chosen: Option<retention_overrides::Model>,
}

impl Rule {
    /// Days that apply: the tenant's, else the rule's.
    pub fn days(&self) -> i64 {
        self.chosen
            .as_ref()
            .map_or(self.stored.days, |chosen| chosen.days)
    }
}

/// All rules in the order of their names; with a tenant's periods, when one is named.
///
/// # Errors
/// The database is away.
pub async fn rules(db: &Db, tenant: Option<TenantId>) -> Result<Vec<Rule>, StoreError> {
    let stored = retention_policies::find_all().all(db.reader()).await;
    let stored = stored.map_err(|error| db.error(error))?;
    let mut chosen = chosen(db, tenant).await?;
    let own = |row: retention_policies::Model| {
        let policy =
            policies().find(|policy| policy.dataset == row.dataset && policy.version == row.version)?;
        let chosen = chosen.remove(policy.dataset);
        Some(Rule {
            policy,
            stored: row,
            chosen,
        })
    };
    let mut rules: Vec<Rule> = stored.into_iter().filter_map(own).collect();
    rules.sort_by_key(|rule| rule.policy.dataset);
    Ok(rules)
}

async fn chosen(
    db: &Db,
    tenant: Option<TenantId>,
) -> Result<HashMap<String, retention_overrides::Model>, StoreError> {
    let Some(tenant) = tenant else {
        return Ok(HashMap::new());
    };
    let rows = retention_overrides::secure_find(tenant).all(db.reader()).await;
    let rows = rows.map_err(|error| db.error(error))?;
    Ok(rows.into_iter().map(|row| (row.dataset.clone(), row)).collect())
}
