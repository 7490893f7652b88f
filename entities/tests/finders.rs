//! I8 at its root: finders give a tenant its own rows only, on both databases.

use anyhow::Result;
use levqor_entities::ids::{RunId, TenantId};
use levqor_entities::{
    api_keys, audit_events, audit_streams, ended, events, idempotency, inbox, journal, live, tenants, timers,
    user_tokens, users, workflows,
};
use levqor_migration::migrate;
use levqor_testkit::Postgres;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use uuid::Uuid;

const ONE: TenantId = TenantId(Uuid::from_u128(1));
const TWO: TenantId = TenantId(Uuid::from_u128(2));

fn id(backend: sea_orm::DbBackend, number: u128) -> String {
    let hex = Uuid::from_u128(number).simple().to_string();
    if backend == sea_orm::DbBackend::Postgres {
        format!("'{hex}'")
    } else {
        format!("x'{hex}'")
    }
}

fn bytes(backend: sea_orm::DbBackend) -> &'static str {
    if backend == sea_orm::DbBackend::Postgres {
        "'\\x7b7d'"
    } else {
        "x'7b7d'"
    }
}

/// Tenant 1 has one row in each table, tenant 2 none but its own.
async fn fill(db: &DatabaseConnection) -> Result<()> {
    let backend = db.get_database_backend();
    let (one, two, run, b) = (id(backend, 1), id(backend, 2), id(backend, 9), bytes(backend));
    let yes = if backend == sea_orm::DbBackend::Postgres {
        "true"
    } else {
        "1"
    };
    for sql in [
        format!(
            "INSERT INTO tenants (id, name, plan, created_at) VALUES ({one}, 'one', 'pro', 1), ({two}, 'two', 'pro', 1)"
        ),
        format!(
            "INSERT INTO api_keys (id, tenant_id, name, hash, prefix, created_at) VALUES ({one}, {one}, 'k', {b}, 'p', 1)"
        ),
        format!(
            "INSERT INTO workflows (id, tenant_id, namespace, name, version, hash, document, created_at) \
                 VALUES ({one}, {one}, 'n', 'n', '1', {b}, {b}, 1)"
        ),
        format!(
            "INSERT INTO live (id, tenant_id, workflow_id, priority, ready, created_at, input) \
                 VALUES ({run}, {one}, {one}, 1, {yes}, 1, {b})"
        ),
        format!("INSERT INTO journal (run_id, seq, epoch, body) VALUES ({run}, 1, 1, {b})"),
        format!("INSERT INTO inbox (run_id, n, kind, body, at) VALUES ({run}, 1, 1, {b}, 1)"),
        format!("INSERT INTO timers (run_id, epoch, seq, ord, due, body) VALUES ({run}, 1, 1, 0, 1, {b})"),
        format!(
            "INSERT INTO ended (id, tenant_id, workflow_id, state, priority, epoch, seq, inbox, created_at, ended_at, \
                 input, journal) VALUES ({two}, {one}, {one}, 6, 1, 1, 0, 0, 1, 2, {b}, {b})"
        ),
        format!(
            "INSERT INTO idempotency (tenant_id, key, run_id, request_hash, expires_at) VALUES ({one}, 'k', {run}, {b}, 1)"
        ),
        format!(
            "INSERT INTO users (id, tenant_id, email, meta, created_at, updated_at) VALUES ({one}, {one}, 'a@b', '{{}}', 1, 1)"
        ),
        format!(
            "INSERT INTO user_tokens (id, tenant_id, user_id, hash, created_at, expires_at) \
                 VALUES ({one}, {one}, {one}, {b}, 1, 5)"
        ),
        format!("INSERT INTO audit_streams (tenant_id, stream, seq, hash) VALUES ({one}, 's', 1, {b})"),
        format!(
            "INSERT INTO audit_events (tenant_id, stream, seq, id, at, kind, actor, payload_hash, hash) \
                 VALUES ({one}, 's', 1, {one}, 1, 'k', 'system', {b}, {b})"
        ),
        format!(
            "INSERT INTO events (tenant_id, source, event_id, event_type, body, at) VALUES ({one}, 's', 'e', 't', {b}, 1)"
        ),
    ] {
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// How many rows of each table a tenant finds.
async fn found(db: &DatabaseConnection, tenant: TenantId) -> Result<Vec<usize>> {
    let run = RunId(Uuid::from_u128(9));
    Ok(vec![
        tenants::secure_find(tenant).all(db).await?.len(),
        api_keys::secure_find(tenant).all(db).await?.len(),
        workflows::secure_find(tenant).all(db).await?.len(),
        live::secure_find(tenant).all(db).await?.len(),
        journal::secure_find(tenant, run).all(db).await?.len(),
        inbox::secure_find(tenant, run).all(db).await?.len(),
        timers::secure_find(tenant, run).all(db).await?.len(),
        ended::secure_find(tenant).all(db).await?.len(),
        idempotency::secure_find(tenant).all(db).await?.len(),
        events::secure_find(tenant).all(db).await?.len(),
        users::secure_find(tenant).all(db).await?.len(),
        user_tokens::secure_find(tenant).all(db).await?.len(),
        audit_streams::secure_find(tenant).all(db).await?.len(),
        audit_events::secure_find(tenant).all(db).await?.len(),
    ])
}

async fn check(db: &DatabaseConnection) -> Result<()> {
    migrate(db).await?;
    fill(db).await?;
    assert_eq!(found(db, ONE).await?, [1; 14]);
    assert_eq!(found(db, TWO).await?, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(
        tenants::find_by_name("two")
            .one(db)
            .await?
            .map(|tenant| tenant.id),
        Some(TWO)
    );
    assert_eq!(
        api_keys::find_by_hash(b"{}")
            .one(db)
            .await?
            .map(|key| key.tenant_id),
        Some(ONE)
    );
    let token = user_tokens::find_by_hash(b"{}").one(db).await?;
    assert_eq!(token.map(|token| token.tenant_id), Some(ONE));
    Ok(())
}

#[tokio::test]
async fn a_tenant_finds_its_own_rows_only_on_sqlite() -> Result<()> {
    check(&Database::connect("sqlite::memory:").await?).await
}

#[tokio::test]
async fn a_tenant_finds_its_own_rows_only_on_postgres() -> Result<()> {
    let url = Postgres::shared().await?.create_database().await?;
    check(&Database::connect(url).await?).await
}
