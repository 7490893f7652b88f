//! P14: settings come with the role and are checked at the start; nothing is expected of the session.

use levqor_store::{
    StoreError,
    postgres::{Options, PostgresStore, migrate},
};
use levqor_testkit::{Pooler, Postgres};

use crate::rig::{Db, Rig};

#[tokio::test]
async fn p14_a_role_without_the_settings_is_told_what_to_run() {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    let (database, role) = (
        rig.url.rsplit('/').next().unwrap(),
        format!("other{}", rig.id().simple()),
    );
    db.run(format!(
        "CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    ))
    .await;
    let url = rig.url.replace("levqor@", &format!("{role}@"));
    let Err(StoreError::Setup(why)) = PostgresStore::connect(&url, Options::default()).await else {
        panic!("a role without settings was let in");
    };
    let (_, statements) = why.split_once(": ").unwrap();
    assert!(statements.contains(&format!(
        "ALTER ROLE {role} IN DATABASE {database} SET enable_seqscan = off;"
    )));
    // What it says is what helps.
    db.run(statements).await;
    PostgresStore::connect(&url, Options::default()).await.unwrap();
}

#[tokio::test]
async fn p14_a_database_that_is_not_migrated_is_told_so() {
    let url = Postgres::shared().await.unwrap().create_database().await.unwrap();
    let answer = PostgresStore::connect(&url, Options::default()).await;
    assert!(
        matches!(&answer, Err(StoreError::Setup(why)) if why.contains("levqor migrate")),
        "{answer:?}"
    );
    migrate(&url).await.unwrap();
    PostgresStore::connect(&url, Options::default()).await.unwrap();
}

#[tokio::test]
async fn p14_a_statement_and_an_idle_transaction_have_a_limit() {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    for setting in ["statement_timeout", "idle_in_transaction_session_timeout"] {
        let sql = format!("SELECT setting::int8 FROM pg_settings WHERE name = '{setting}'");
        let millis = db.number(sql).await;
        assert!((1..=60_000).contains(&millis), "{setting}: {millis} ms");
    }
}

#[tokio::test]
async fn p14_a_server_that_is_not_there_is_unavailable() {
    let options = Options {
        acquire_timeout: std::time::Duration::from_millis(200),
        ..Options::default()
    };
    let port = levqor_testkit::free_port().unwrap();
    let answer = PostgresStore::connect(&format!("postgres://nobody@127.0.0.1:{port}/none"), options).await;
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
}

/// A pooler with so many sessions before the shared server.
async fn pooler(sessions: usize) -> Pooler {
    let port = Postgres::shared().await.unwrap().port();
    Pooler::start(port, sessions).await.unwrap()
}

#[tokio::test]
async fn p14_sessions_older_than_the_settings_are_told_apart_from_a_role_without_them() {
    let (direct, pooler) = (
        Postgres::shared().await.unwrap().create_database().await.unwrap(),
        pooler(2).await,
    );
    let url = pooler.url_for(&direct);
    // The pooler's sessions are opened by this, before the role has its settings.
    migrate(&url).await.unwrap();
    let Err(StoreError::Setup(why)) = PostgresStore::connect(&url, Options::default()).await else {
        panic!("sessions without settings were let in");
    };
    assert!(why.contains("RECONNECT") && !why.contains("ALTER ROLE"), "{why}");
    // What it says is what helps.
    pooler.reconnect();
    PostgresStore::connect(&url, Options::default()).await.unwrap();
}

#[tokio::test]
async fn p14_broken_settings_of_the_session_vanish_and_leak_behind_a_transaction_pooler() {
    let (rig, pooler) = (Rig::new().await, pooler(3).await);
    let url = pooler.url_for(&rig.url);
    let (mut owner, mut other) = (
        Db::without_parameters(&url).await,
        Db::without_parameters(&url).await,
    );
    let seen = "SELECT setting::int8 FROM pg_settings WHERE name = 'statement_timeout'";
    // As a role would that sets its planner settings when it connects.
    owner.run("SET statement_timeout = '77s'").await;
    assert_eq!(owner.number(seen).await, 30_000, "the session's setting was kept");
    let mut met = Vec::new();
    for _ in 0..3 {
        met.push(other.number(seen).await);
    }
    assert!(met.contains(&77_000), "{met:?}");
}
