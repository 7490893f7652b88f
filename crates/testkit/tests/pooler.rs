//! The transaction pooler against a real Postgres: what a session holds is lost behind it, all else works.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{collections::BTreeSet, str::FromStr, time::Duration};

use levqor_testkit::{Pooler, Postgres, eventually};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions, raw_sql};

const SOON: Duration = Duration::from_secs(20);

/// A database of its own with a pooler before it.
struct Rig {
    direct: String,
    pooler: Pooler,
}

impl Rig {
    async fn new(servers: usize) -> Self {
        let postgres = Postgres::shared().await.unwrap();
        let direct = postgres.create_database().await.unwrap();
        let pooler = Pooler::start(postgres.port(), servers).await.unwrap();
        Self { direct, pooler }
    }

    /// As a client of a pooler connects: without parameters that poolers refuse.
    fn options(&self) -> PgConnectOptions {
        let options = PgConnectOptions::from_str(&self.pooler.url_for(&self.direct)).unwrap();
        options.extra_float_digits(None)
    }

    async fn client(&self) -> PgConnection {
        PgConnection::connect_with(&self.options()).await.unwrap()
    }

    async fn direct(&self) -> PgConnection {
        PgConnection::connect(&self.direct).await.unwrap()
    }
}

async fn run(client: &mut PgConnection, sql: &str) {
    raw_sql(AssertSqlSafe(sql)).execute(client).await.unwrap();
}

async fn text(client: &mut PgConnection, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(client)
        .await
        .unwrap()
}

async fn number(client: &mut PgConnection, sql: &str) -> i32 {
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(client)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_start_up_parameter_that_poolers_do_not_know_is_refused() {
    let rig = Rig::new(2).await;
    // What sqlx sends unless it is told not to.
    let refused = PgConnection::connect(&rig.pooler.url_for(&rig.direct)).await;
    let why = refused.err().unwrap().to_string();
    assert!(
        why.contains("unsupported startup parameter: extra_float_digits"),
        "{why}"
    );
    rig.client().await;
}

#[tokio::test]
async fn a_session_setting_is_lost_by_its_owner_and_met_by_others() {
    let rig = Rig::new(3).await;
    let (mut owner, mut other) = (rig.client().await, rig.client().await);
    run(&mut owner, "SET work_mem = '77MB'").await;
    assert_eq!(text(&mut owner, "SHOW work_mem").await, "4MB");
    let mut met = Vec::new();
    for _ in 0..3 {
        met.push(text(&mut other, "SHOW work_mem").await);
    }
    assert!(met.contains(&"77MB".to_owned()), "{met:?}");
}

#[tokio::test]
async fn a_session_lock_stays_with_a_session_that_its_owner_does_not_have() {
    let rig = Rig::new(3).await;
    let mut owner = rig.client().await;
    run(&mut owner, "SELECT pg_advisory_lock(7)").await;
    let unlock = "SELECT pg_advisory_unlock(7)::int4";
    assert_eq!(number(&mut owner, unlock).await, 0, "it had the lock");
    let free = "SELECT pg_try_advisory_lock(7)::int4";
    assert_eq!(number(&mut rig.direct().await, free).await, 0, "the lock is free");
}

#[tokio::test]
async fn temporary_tables_and_listening_are_left_behind() {
    let rig = Rig::new(2).await;
    let mut owner = rig.client().await;
    run(&mut owner, "CREATE TEMPORARY TABLE mine (n int); LISTEN news").await;
    let lost = raw_sql("SELECT * FROM mine").execute(&mut owner).await;
    assert!(lost.unwrap_err().to_string().contains("does not exist"));
    run(&mut rig.direct().await, "NOTIFY news").await;
    // The session that listens is used too, and what it hears reaches nobody.
    for _ in 0..4 {
        assert_eq!(number(&mut owner, "SELECT 1").await, 1);
    }
}

#[tokio::test]
async fn a_transaction_stays_on_its_session_and_the_next_is_on_another() {
    const PID: &str = "SELECT pg_backend_pid()";
    let rig = Rig::new(2).await;
    let mut client = rig.client().await;
    let mut transaction = client.begin().await.unwrap();
    run(&mut transaction, "SET LOCAL work_mem = '77MB'").await;
    let first = number(&mut transaction, PID).await;
    for _ in 0..3 {
        assert_eq!(number(&mut transaction, PID).await, first);
        assert_eq!(text(&mut transaction, "SHOW work_mem").await, "77MB");
    }
    transaction.commit().await.unwrap();
    assert_ne!(number(&mut client, PID).await, first);
    let transaction = client.begin().await.unwrap();
    transaction.rollback().await.unwrap();
    assert!(rig.pooler.figures().switched >= 2, "{:?}", rig.pooler.figures());
}

#[tokio::test]
async fn prepared_statements_follow_their_client_from_session_to_session() {
    let rig = Rig::new(3).await;
    let (mut one, mut two) = (rig.client().await, rig.client().await);
    for n in 0..12_i32 {
        // Both clients call their first statement by the same name.
        let more: i32 = sqlx::query_scalar("SELECT $1::int4 + 1")
            .bind(n)
            .fetch_one(&mut one)
            .await
            .unwrap();
        let less: String = sqlx::query_scalar("SELECT ($1::int4 - 1)::text")
            .bind(n)
            .fetch_one(&mut two)
            .await
            .unwrap();
        assert_eq!((more, less), (n + 1, (n - 1).to_string()));
    }
    let figures = rig.pooler.figures();
    // Each of two statements on three sessions, once by its client's wish.
    assert_eq!(figures.prepared_again, 4, "{figures:?}");
    assert!(figures.switched >= 20, "{figures:?}");
}

#[tokio::test]
async fn statements_that_a_client_closes_are_closed_for_it_alone() {
    let rig = Rig::new(2).await;
    let options = rig.options().statement_cache_capacity(1);
    let mut forgetful = PgConnection::connect_with(&options).await.unwrap();
    let mut other = rig.client().await;
    for n in 0..4_i32 {
        for client in [&mut forgetful, &mut other] {
            for sql in ["SELECT $1::int4", "SELECT $1::int4 * 1"] {
                let same: i32 = sqlx::query_scalar(sql)
                    .bind(n)
                    .fetch_one(&mut *client)
                    .await
                    .unwrap();
                assert_eq!(same, n);
            }
        }
    }
}

#[tokio::test]
async fn an_error_ends_its_batch_and_the_client_goes_on() {
    let rig = Rig::new(2).await;
    let mut client = rig.client().await;
    let code = |error: sqlx::Error| error.as_database_error().unwrap().code().unwrap().into_owned();
    for _ in 0..3 {
        let divided = sqlx::query("SELECT 1 / $1::int4")
            .bind(0)
            .execute(&mut client)
            .await;
        assert_eq!(code(divided.unwrap_err()), "22012");
        let unknown = sqlx::query("SELECT $1::int4 FROM nowhere")
            .bind(0)
            .execute(&mut client)
            .await;
        assert_eq!(code(unknown.unwrap_err()), "42P01");
        let simple = raw_sql("SELECT 1; SELECT 1 / 0; SELECT 2")
            .execute(&mut client)
            .await;
        assert_eq!(code(simple.unwrap_err()), "22012");
        assert_eq!(number(&mut client, "SELECT 5").await, 5);
    }
    let mut transaction = client.begin().await.unwrap();
    raw_sql("SELECT 1 / 0")
        .execute(&mut *transaction)
        .await
        .unwrap_err();
    let aborted = sqlx::query("SELECT 1").execute(&mut *transaction).await;
    assert_eq!(code(aborted.unwrap_err()), "25P02");
    transaction.rollback().await.unwrap();
    assert_eq!(number(&mut client, "SELECT 6").await, 6);
}

#[tokio::test]
async fn a_client_that_dies_in_a_transaction_leaves_nothing_of_it() {
    let rig = Rig::new(1).await;
    let mut direct = rig.direct().await;
    run(&mut direct, "CREATE TABLE kept (n int)").await;
    let mut dying = rig.client().await;
    run(&mut dying, "BEGIN; INSERT INTO kept VALUES (1)").await;
    drop(dying);
    // The only session is free again, or this would wait for ever.
    let mut next = rig.client().await;
    run(&mut next, "INSERT INTO kept VALUES (2)").await;
    assert_eq!(number(&mut direct, "SELECT sum(n)::int4 FROM kept").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_share_few_sessions() {
    const SERVERS: usize = 3;
    let rig = Rig::new(SERVERS).await;
    let clients = (0..40).map(|_| {
        let options = rig.options();
        tokio::spawn(async move {
            let mut client = PgConnection::connect_with(&options).await.unwrap();
            let mut sessions = BTreeSet::new();
            for _ in 0..20 {
                sessions.insert(number(&mut client, "SELECT pg_backend_pid()").await);
            }
            sessions
        })
    });
    let clients: Vec<_> = clients.collect();
    let mut sessions = BTreeSet::new();
    for client in clients {
        sessions.extend(client.await.unwrap());
    }
    assert_eq!(sessions.len(), SERVERS);
    let figures = rig.pooler.figures();
    // The first statement is prepared before it is run.
    assert_eq!(
        (figures.clients, figures.transactions),
        (40, 40 * 21),
        "{figures:?}"
    );
    // How often depends on the machine; that a client keeps no session of its own does not.
    assert!(figures.switched > 40, "{figures:?}");
}

#[tokio::test]
async fn what_is_set_on_the_role_reaches_sessions_opened_after_a_reconnect() {
    let rig = Rig::new(2).await;
    let (mut client, mut direct) = (rig.client().await, rig.direct().await);
    assert_eq!(text(&mut client, "SHOW work_mem").await, "4MB");
    assert_eq!(text(&mut client, "SHOW work_mem").await, "4MB");
    let database = text(&mut direct, "SELECT current_database()::text").await;
    run(
        &mut direct,
        &format!("ALTER ROLE levqor IN DATABASE {database} SET work_mem = '9MB'"),
    )
    .await;
    assert_eq!(text(&mut client, "SHOW work_mem").await, "4MB");
    assert_eq!(text(&mut client, "SHOW work_mem").await, "4MB");
    rig.pooler.reconnect();
    assert_eq!(text(&mut client, "SHOW work_mem").await, "9MB");
    assert_eq!(text(&mut client, "SHOW work_mem").await, "9MB");
    let open = "SELECT count(*)::int4 FROM pg_stat_activity WHERE datname = current_database()";
    let direct = tokio::sync::Mutex::new(direct);
    let gone = async || number(&mut *direct.lock().await, open).await == 3;
    eventually(SOON, gone).await.unwrap();
}

#[tokio::test]
async fn megabytes_pass_both_ways() {
    let rig = Rig::new(1).await;
    let mut client = rig.client().await;
    let sent: Vec<u8> = (0..5_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let back: Vec<u8> = sqlx::query_scalar("SELECT $1::bytea")
        .bind(&sent)
        .fetch_one(&mut client)
        .await
        .unwrap();
    assert!(sent == back);
}
