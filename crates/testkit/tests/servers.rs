//! The kit against itself: servers start, stop, come back and leave nothing behind.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use levqor_testkit::{Answer, Fault, LocalServer, Postgres, Process, Proxy, Redis, TempFolder, eventually};
use sqlx::{Connection, PgConnection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const SOON: Duration = Duration::from_secs(10);

async fn one(url: &str) -> sqlx::Result<i32> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query_scalar("SELECT 1").fetch_one(&mut connection).await
}

#[tokio::test]
async fn postgres_keeps_commits_over_restart_and_crash_and_dies_on_drop() {
    let postgres = Postgres::start().await.unwrap();
    let url = postgres.create_database().await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let fsync: String = sqlx::query_scalar("SHOW fsync")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(fsync, "on");
    sqlx::raw_sql("CREATE TABLE kept AS SELECT 7 AS n")
        .execute(&mut connection)
        .await
        .unwrap();
    let first = postgres.pid().unwrap();
    postgres.restart().await.unwrap();
    assert_ne!(postgres.pid().unwrap(), first);
    postgres.crash().await.unwrap();
    assert_eq!(postgres.pid(), None);
    assert!(one(&url).await.is_err());
    postgres.start_again().await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let n: i32 = sqlx::query_scalar("SELECT n FROM kept")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(n, 7);
    let last = postgres.pid().unwrap();
    drop(postgres);
    assert!(!Path::new(&format!("/proc/{last}")).exists());
}

#[tokio::test]
async fn the_shared_cluster_gives_each_test_its_own_database() {
    let shared = Postgres::shared().await.unwrap();
    let (first, second) = (
        shared.create_database().await.unwrap(),
        shared.create_database().await.unwrap(),
    );
    assert_ne!(first, second);
    assert_eq!(one(&first).await.unwrap(), 1);
    assert_eq!(one(&second).await.unwrap(), 1);
}

#[tokio::test]
async fn redis_comes_back_empty_on_the_same_port() {
    let server = Redis::start().await.unwrap();
    let url = server.url();
    let mut connection = server.connection().await.unwrap();
    redis::cmd("SET")
        .arg("a")
        .arg(1)
        .exec_async(&mut connection)
        .await
        .unwrap();
    server.flushall().await.unwrap();
    let kept: i64 = redis::cmd("DBSIZE").query_async(&mut connection).await.unwrap();
    assert_eq!(kept, 0);
    server.kill().await.unwrap();
    assert!(server.connection().await.is_err());
    server.start_again().await.unwrap();
    server.stop().await.unwrap();
    server.start_again().await.unwrap();
    assert_eq!(server.url(), url);
    let mut connection = server.connection().await.unwrap();
    let pong: String = redis::cmd("PING").query_async(&mut connection).await.unwrap();
    assert_eq!(pong, "PONG");
}

/// One request on a connection of its own; the whole reply as text.
async fn post(port: u16, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let length = body.len();
    let head = format!(
        "POST /a?b=1 HTTP/1.1\r\nhost: x\r\nx-key: k\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all((head + body).as_bytes()).await?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await?;
    Ok(reply)
}

#[tokio::test]
async fn the_http_server_records_answers_and_drops() {
    let server = LocalServer::start(|request| match request.body.as_ref() {
        b"drop" => Answer::dropped(),
        _ => Answer::json("{}").header("x-mine", "yes"),
    });
    let server = server.await.unwrap();
    let reply = post(server.port(), "hello").await.unwrap();
    assert!(
        reply.starts_with("HTTP/1.1 200 OK\r\n") && reply.contains("x-mine: yes") && reply.ends_with("{}")
    );
    assert_eq!(post(server.port(), "drop").await.unwrap(), "");
    server.respond(|_| Answer::status(503).after(Duration::from_millis(50)));
    let start = Instant::now();
    assert!(
        post(server.port(), "late")
            .await
            .unwrap()
            .starts_with("HTTP/1.1 503")
    );
    assert!(start.elapsed() >= Duration::from_millis(50));
    let requests = server.wait_for(3, SOON).await.unwrap();
    assert_eq!(
        (requests[0].method.as_str(), requests[0].path.as_str()),
        ("POST", "/a?b=1")
    );
    assert_eq!(requests[0].header("x-key"), Some("k"));
    assert_eq!(
        requests.iter().map(|r| r.body.as_ref()).collect::<Vec<_>>(),
        [&b"hello"[..], b"drop", b"late"]
    );
    assert!(server.wait_for(4, Duration::from_millis(20)).await.is_err());
}

#[tokio::test]
async fn the_proxy_cuts_holds_loses_replies_and_heals() {
    let server = LocalServer::start(|_| Answer::status(204)).await.unwrap();
    let proxy = Proxy::start(server.port()).await.unwrap();
    assert!(post(proxy.port(), "1").await.unwrap().starts_with("HTTP/1.1 204"));

    proxy.set(Fault::Cut);
    assert!(post(proxy.port(), "2").await.unwrap_or_default().is_empty());
    assert_eq!(server.requests().len(), 1);

    proxy.set(Fault::LoseReplies);
    assert!(post(proxy.port(), "3").await.unwrap_or_default().is_empty());
    assert_eq!(server.requests().len(), 2);

    proxy.set(Fault::BlackHole);
    let port = proxy.port();
    let mut held = tokio::spawn(async move { post(port, "4").await });
    assert!(timeout(Duration::from_millis(100), &mut held).await.is_err());
    proxy.heal();
    assert!(held.await.unwrap().unwrap().starts_with("HTTP/1.1 204"));

    proxy.set(Fault::HalfOpen);
    assert!(
        timeout(Duration::from_millis(100), post(port, "5"))
            .await
            .is_err()
    );
    assert_eq!(server.requests().len(), 3);

    proxy.set(Fault::Slow(Duration::from_millis(40)));
    let start = Instant::now();
    assert!(post(port, "6").await.unwrap().starts_with("HTTP/1.1 204"));
    assert!(start.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn a_cut_ends_open_connections() {
    let server = Redis::start().await.unwrap();
    let proxy = Proxy::start(server.port()).await.unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
    stream.write_all(b"PING\r\n").await.unwrap();
    let mut reply = [0; 7];
    stream.read_exact(&mut reply).await.unwrap();
    assert_eq!(&reply, b"+PONG\r\n");
    proxy.set(Fault::Cut);
    let read = timeout(SOON, stream.read(&mut reply)).await.unwrap();
    assert_eq!(read.unwrap_or(0), 0);
    assert_eq!(
        proxy.url_for(&server.url(), server.port()),
        format!("redis://127.0.0.1:{}/", proxy.port())
    );
}

fn shell(script: &str) -> Process {
    Process::start(Path::new("/bin/sh"), &["-c", script], &[("GREETING", "hello")]).unwrap()
}

#[tokio::test]
async fn a_process_is_watched_frozen_asked_to_end_and_killed() {
    let process = shell("trap 'echo bye >&2; exit 3' TERM; echo \"$GREETING\"; while :; do sleep 0.01; done");
    assert_eq!(process.wait_for_line("hell", SOON).await.unwrap(), "hello");
    process.freeze().unwrap();
    process.terminate().unwrap();
    assert!(process.wait(Duration::from_millis(50)).await.is_err());
    process.thaw().unwrap();
    assert_eq!(process.wait(SOON).await.unwrap().code(), Some(3));
    assert_eq!(
        (process.stdout(), process.stderr()),
        ("hello\n".to_owned(), "bye\n".to_owned())
    );
    let killed = shell("exec sleep 60");
    killed.kill().await.unwrap();
    assert!(!killed.is_running());
    let silent = shell("exit 0");
    assert!(silent.wait_for_line("never", SOON).await.is_err());
}

#[tokio::test]
async fn what_a_killed_test_process_left_is_cleaned_up() {
    let outer = TempFolder::new().unwrap();
    let note = outer.path().join("note");
    let this = std::env::current_exe().unwrap();
    let inner = Process::start(
        &this,
        &["--ignored", "--exact", "inner_leaves_a_server_behind"],
        &[("NOTE", note.to_str().unwrap())],
    );
    let inner = inner.unwrap();
    eventually(Duration::from_secs(30), || async { note.exists() })
        .await
        .unwrap();
    let pid = std::fs::read_to_string(&note).unwrap();
    let server = format!("/proc/{pid}");
    assert!(Path::new(&server).exists());
    let folder = std::fs::read_link(format!("{server}/cwd")).unwrap();
    inner.kill().await.unwrap();
    eventually(SOON, || async {
        !Path::new(&server).exists() && !folder.exists()
    })
    .await
    .unwrap();
}

#[tokio::test]
#[ignore = "runs inside what_a_killed_test_process_left_is_cleaned_up"]
async fn inner_leaves_a_server_behind() {
    let Some(note) = std::env::var_os("NOTE") else {
        return;
    };
    let postgres = Postgres::start().await.unwrap();
    let whole = Path::new(&note).with_extension("part");
    std::fs::write(&whole, postgres.pid().unwrap().to_string()).unwrap();
    std::fs::rename(whole, note).unwrap();
    std::future::pending::<()>().await;
}
