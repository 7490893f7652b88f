//! Copying the person's rows.

use levqor_audit::Actor;
use levqor_entities::{
    data_map::{Entry, Export, Subject, entries},
    dsar_requests::Column,
    subject::{self, Person},
    tenants, users,
};
use levqor_platform::Platform;
use levqor_store::{Db, StoreError, TenantId};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde_json::{Map, Value, json};

use super::request;
use crate::{
    DsarError, DsarId, Refusal, Request, State,
    change::change,
    objects::{SNAPSHOT, Sealed, snapshot_key},
    package::{Dataset, PackageError, Snapshot},
    trail::note,
};

/// Most rows of one table.
const MOST_ROWS: u64 = 200_000;

/// Most bytes of all rows as JSON. A package has them three times over.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Copies every table that the data map says holds the person into an encrypted object.
///
/// # Errors
/// There is more than a package may hold, or database or object storage are away.
pub async fn collect(platform: &Platform, tenant: TenantId, id: DsarId) -> Result<Request, DsarError> {
    let request = request(platform, tenant, id).await?;
    if request.state != State::Accepted {
        return Ok(request);
    }
    let Some(objects) = Sealed::of(platform, &request).await? else {
        return Ok(request);
    };
    let now = platform.db.now().await?;
    let snapshot = snapshot(platform, &request).await?;
    let text = serde_json::to_vec(&snapshot).map_err(PackageError::from)?;
    objects.put(SNAPSHOT, &snapshot_key(&request)?, &text).await?;
    let tx = platform.db.begin().await?;
    let set = vec![
        (Column::State, Expr::value(State::Collected)),
        (Column::CollectedAt, Expr::value(now)),
    ];
    let Some(request) = change(&tx, &request, &[State::Accepted], None, set).await? else {
        return super::request(platform, tenant, id).await;
    };
    let rows: Map<String, Value> = snapshot
        .datasets
        .iter()
        .map(|set| (set.name.clone(), json!(set.rows.len())))
        .collect();
    note(
        &tx,
        platform,
        now,
        &request,
        ("dsar.collected", Actor::System),
        json!({"rows": rows}),
    )
    .await?;
    tx.commit().await?;
    Ok(request)
}

/// Tables that an export holds, in order of their names.
fn exported() -> Vec<&'static Entry> {
    let of_people = |entry: &&Entry| entry.subject != Subject::Nobody && entry.export == Export::Included;
    let mut exported: Vec<_> = entries().filter(of_people).collect();
    exported.sort_by_key(|entry| entry.table);
    exported
}

async fn snapshot(platform: &Platform, request: &Request) -> Result<Snapshot, DsarError> {
    let (db, tenant) = (&platform.db, request.tenant_id);
    let user = users::secure_find(tenant)
        .filter(users::Column::Id.eq(request.user_id))
        .one(db.reader())
        .await;
    let user = user
        .map_err(|error| db.error(error))?
        .ok_or(Refusal::UnknownUser)?;
    let controller = tenants::secure_find(tenant)
        .one(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let person = Person {
        tenant,
        user: user.id,
        email: user.email,
    };
    let (mut datasets, mut bytes) = (Vec::new(), 0);
    for entry in exported() {
        let Some(dataset) = dataset(db, entry, &person).await? else {
            continue;
        };
        bytes += dataset
            .rows
            .iter()
            .map(|row| json!(row).to_string().len())
            .sum::<usize>();
        if bytes > MOST_BYTES || dataset.rows.len() as u64 > MOST_ROWS {
            return Err(PackageError::TooLarge.into());
        }
        datasets.push(dataset);
    }
    Ok(Snapshot {
        request: request.id,
        controller: controller.map(|tenant| tenant.name).unwrap_or_default(),
        user: person.user,
        email: person.email,
        received_at: request.received_at,
        collected_at: db.now().await?,
        datasets,
    })
}

async fn dataset(db: &Db, entry: &'static Entry, person: &Person) -> Result<Option<Dataset>, StoreError> {
    let rows = subject::rows(db.reader(), entry, person, MOST_ROWS + 1).await;
    Ok(rows
        .map_err(|error| db.error(error))?
        .map(|rows| Dataset::new(entry, rows)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_1_8_tables_that_are_withheld_are_not_collected() {
        let names: Vec<_> = exported().iter().map(|entry| entry.table).collect();
        assert!(
            names.contains(&"users") && names.contains(&"dsar_requests"),
            "{names:?}"
        );
        for secret in ["user_tokens", "api_keys", "dsar_grants"] {
            assert!(!names.contains(&secret), "{secret}");
        }
        assert!(names.is_sorted());
    }
}
