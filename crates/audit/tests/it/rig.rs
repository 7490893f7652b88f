//! A platform on each database, and what the tests do to its trail.

use anyhow::Result;
use levqor_audit::{Actor, Entry, Fault, Scope, Totals, append, verify};
use levqor_entities::audit_events::{self, Column, Model};
use levqor_platform::testing::TestPlatform;
use levqor_store::{TenantId, UserId};
use levqor_testkit::Postgres;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, Statement, Value};
use serde_json::json;

/// One platform on SQLite, one on Postgres.
pub(crate) async fn platforms() -> Result<[TestPlatform; 2]> {
    let url = Postgres::shared().await?.create_database().await?;
    Ok([TestPlatform::sqlite().await, TestPlatform::postgres(&url).await?])
}

/// Appends entry `n` about a person to a stream, in a transaction of its own.
pub(crate) async fn write(on: &TestPlatform, stream: &str, n: usize, subject: Option<UserId>) -> Result<()> {
    let now = on.platform.db.now().await?;
    let detail = json!({"n": n, "mail": "ada@example.com"});
    let entry = Entry {
        tenant: on.tenant,
        stream,
        kind: "test.done",
        actor: subject.map_or(Actor::System, Actor::User),
        subject,
        detail: &detail,
    };
    let tx = on.platform.db.begin().await?;
    append(&tx, &on.platform, now, entry).await?;
    Ok(tx.commit().await?)
}

/// A stream with so many entries about a person.
pub(crate) async fn stream(on: &TestPlatform, stream: &str, entries: usize) -> Result<UserId> {
    let user = UserId(on.platform.ids.uuid_v7());
    for n in 0..entries {
        write(on, stream, n, Some(user)).await?;
    }
    Ok(user)
}

/// The entries of a stream in order.
pub(crate) async fn rows(on: &TestPlatform, stream: &str) -> Result<Vec<Model>> {
    let found = audit_events::secure_find(on.tenant)
        .filter(Column::Stream.eq(stream))
        .order_by_asc(Column::Seq);
    Ok(found.all(on.platform.db.reader()).await?)
}

/// What a check of all streams of this name finds.
pub(crate) async fn check(on: &TestPlatform, stream: &str) -> Result<(Totals, Vec<Fault>)> {
    let scope = Scope {
        tenant: None,
        stream: Some(stream.to_owned()),
    };
    let mut faults = Vec::new();
    let totals = verify(&on.platform.db, &scope, |fault| faults.push(fault.clone())).await?;
    assert_eq!(totals.faults, faults.len() as u64);
    Ok((totals, faults))
}

/// Does to the database what no code of ours does.
pub(crate) async fn run(on: &TestPlatform, sql: &str, values: Vec<Value>) -> Result<()> {
    let tx = on.platform.db.begin().await?;
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    assert_eq!(tx.execute_raw(statement).await?.rows_affected(), 1, "{sql}");
    Ok(tx.commit().await?)
}

pub(crate) fn tenant(id: TenantId) -> Value {
    id.0.into()
}
