//! The preloaded library against a real Postgres: its clock and its disk, and nobody else's.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::Duration;

use levqor_testkit::{Postgres, Preload, eventually};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

async fn started() -> (Preload, Postgres) {
    let preload = Preload::new().unwrap();
    let postgres = Postgres::start_in(preload.environment()).await.unwrap();
    (preload, postgres)
}

/// Seconds between two readings of the server's clock.
async fn now(connection: &mut PgConnection) -> f64 {
    sqlx::query_scalar("SELECT extract(epoch FROM now())::float8")
        .fetch_one(connection)
        .await
        .unwrap()
}

fn close(seconds: f64, wanted: f64) -> bool {
    (seconds - wanted).abs() < 20.0
}

#[tokio::test]
async fn the_clock_of_an_open_connection_jumps_forward_and_back_and_comes_right() {
    let (preload, postgres) = started().await;
    let mut connection = PgConnection::connect(&postgres.url()).await.unwrap();
    let right = now(&mut connection).await;
    preload.shift_clock(3_600).unwrap();
    assert!(close(now(&mut connection).await - right, 3_600.0));
    preload.shift_clock(-3_600).unwrap();
    assert!(close(now(&mut connection).await - right, -3_600.0));
    preload.shift_clock(0).unwrap();
    assert!(close(now(&mut connection).await - right, 0.0));
    let mut other = PgConnection::connect(&Postgres::shared().await.unwrap().url())
        .await
        .unwrap();
    preload.shift_clock(3_600).unwrap();
    assert!(close(now(&mut other).await - right, 0.0));
}

#[tokio::test]
async fn waiting_takes_as_long_as_ever_while_the_clock_is_off() {
    let (preload, postgres) = started().await;
    let mut connection = PgConnection::connect(&postgres.url()).await.unwrap();
    for seconds in [3_600, -3_600] {
        preload.shift_clock(seconds).unwrap();
        let slept = tokio::time::timeout(
            Duration::from_secs(10),
            connection.execute("SELECT pg_sleep(0.2)"),
        );
        slept.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn who_has_not_loaded_it_is_told_from_who_has() {
    let (preload, postgres) = started().await;
    assert!(!preload.is_missing_in(postgres.pid().unwrap()).await);
    let other = Postgres::shared().await.unwrap();
    assert!(preload.is_missing_in(other.pid().unwrap()).await);
}

async fn insert(connection: &mut PgConnection, rows: u32) -> sqlx::Result<()> {
    let sql = format!("INSERT INTO t SELECT repeat('x', 1000) FROM generate_series(1, {rows})");
    connection.execute(AssertSqlSafe(sql)).await.map(|_| ())
}

/// SQLSTATE of a refused insert.
fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

#[tokio::test]
async fn on_a_full_disk_an_insert_that_needs_space_fails_with_53100_and_works_again_with_space() {
    let (preload, postgres) = started().await;
    let mut connection = PgConnection::connect(&postgres.url()).await.unwrap();
    connection.execute("CREATE TABLE t (x text)").await.unwrap();
    insert(&mut connection, 1).await.unwrap();
    preload.fill_disk(true).unwrap();
    insert(&mut connection, 1)
        .await
        .expect("the page has space for one more");
    let refused = insert(&mut connection, 100).await.unwrap_err();
    assert_eq!(code(&refused).as_deref(), Some("53100"), "{refused}");
    preload.fill_disk(false).unwrap();
    insert(&mut connection, 100).await.unwrap();
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM t")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(rows, 102);
}

/// Postgres keeps its log in files made beforehand; when it needs another and has no space it cannot go on.
#[tokio::test]
async fn a_server_that_cannot_write_its_log_stops_and_recovers_with_space() {
    let (preload, postgres) = started().await;
    let mut connection = PgConnection::connect(&postgres.url()).await.unwrap();
    connection
        .execute("CREATE TABLE t (x text); INSERT INTO t VALUES ('kept')")
        .await
        .unwrap();
    preload.fill_disk(true).unwrap();
    // Each switch begins another file of the log.
    let mut broken = false;
    for _ in 0..10 {
        let switched = connection
            .execute("SELECT pg_logical_emit_message(true, 'a', repeat('x', 100000)), pg_switch_wal()")
            .await;
        broken |= switched.is_err();
    }
    assert!(broken, "the log went on: {}", postgres.log());
    preload.fill_disk(false).unwrap();
    // It may answer once more before it goes down to recover.
    eventually(Duration::from_mins(1), || async {
        if !postgres.running() {
            postgres.start_again().await.unwrap();
        }
        kept(&postgres.url()).await.is_ok_and(|kept| kept == "kept")
    })
    .await
    .unwrap();
}

async fn kept(url: &str) -> Result<String, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query_scalar("SELECT x FROM t")
        .fetch_one(&mut connection)
        .await
}
