//! A platform on each database, and people on it.

use anyhow::Result;
use levqor_accounts::{Changes, Email, NewUser, User, upsert};
use levqor_audit::{Scope, verify};
use levqor_entities::audit_events;
use levqor_platform::testing::TestPlatform;
use levqor_store::KeyId;
use levqor_testkit::Postgres;
use sea_orm::{ConnectionTrait, QueryOrder};
use serde_json::Value;
use uuid::Uuid;

/// The tenant's key that acts.
pub(crate) const KEY: KeyId = KeyId(Uuid::from_u128(7));

/// One platform on SQLite, one on Postgres.
pub(crate) async fn platforms() -> Result<[TestPlatform; 2]> {
    let url = Postgres::shared().await?.create_database().await?;
    Ok([TestPlatform::sqlite().await, TestPlatform::postgres(&url).await?])
}

pub(crate) fn person(email: &str, changes: Changes) -> NewUser {
    let email = Email::parse(email).unwrap();
    NewUser { email, changes }
}

/// The record with this address.
pub(crate) async fn ada(on: &TestPlatform) -> Result<User> {
    let new = person("ada@example.com", Changes::default());
    Ok(upsert(&on.platform, on.tenant, new).await?.user)
}

/// Does to the database what takes time otherwise.
pub(crate) async fn run(on: &TestPlatform, sql: &str) -> Result<()> {
    let tx = on.platform.db.begin().await?;
    tx.execute_unprepared(sql).await?;
    Ok(tx.commit().await?)
}

/// Kind and detail of each entry of the trail, which is whole.
pub(crate) async fn trail(on: &TestPlatform) -> Result<Vec<(String, Value)>> {
    let totals = verify(&on.platform.db, &Scope::default(), |fault| panic!("{fault:?}")).await?;
    let rows = audit_events::secure_find(on.tenant).order_by_asc(audit_events::Column::Seq);
    let rows = rows.all(on.platform.db.reader()).await?;
    assert_eq!(rows.len() as u64, totals.entries);
    let read = |row: audit_events::Model| Ok((row.kind, serde_json::from_slice(&row.payload.unwrap())?));
    rows.into_iter().map(read).collect()
}
