//! What happens to Redis happens to the doorbell only: a call fails, the next works, and nothing is left behind.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::support::{SOON, drain, hints};
use apalis::prelude::TaskSink;
use apalis_redis::{Config, RedisStorage};
use levqor_queue::{MAX_WAITING, Queue, RedisQueue};
use levqor_testkit::{Fault, Proxy, Redis, eventually};
use redis::{AsyncCommands, aio::MultiplexedConnection, cmd};

async fn start() -> (Redis, Arc<RedisQueue>, MultiplexedConnection) {
    let server = Redis::start().await.unwrap();
    let queue = Arc::new(RedisQueue::open(&server.url(), "levqor").unwrap());
    let connection = server.connection().await.unwrap();
    (server, queue, connection)
}

/// Pushes one hint and fetches it, however often that fails first.
async fn works_again(queue: &RedisQueue) {
    eventually(SOON, async || queue.push(1, &hints(7..8)).await.is_ok())
        .await
        .unwrap();
    let fetched = async || queue.fetch(100, SOON).await.is_ok_and(|got| got == hints(7..8));
    eventually(SOON, fetched).await.unwrap();
}

#[tokio::test]
async fn nothing_is_left_when_all_is_read() {
    let (_server, queue, mut redis) = start().await;
    for priority in 0..3 {
        queue.push(priority, &hints(0..150)).await.unwrap();
    }
    let keys: Vec<String> = redis.keys("*").await.unwrap();
    assert!(
        keys.contains(&"{levqor}:high:active".to_owned()) && keys.contains(&"{levqor}:low:data".to_owned())
    );
    assert_eq!(drain(queue.as_ref(), 100, 450).await.len(), 450);
    assert_eq!(cmd("DBSIZE").query_async::<i64>(&mut redis).await.unwrap(), 0);
}

#[tokio::test]
async fn a_flush_loses_what_waited_and_later_pushes_arrive() {
    let (server, queue, _) = start().await;
    queue.push(1, &hints(0..100)).await.unwrap();
    server.flushall().await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), 0);
    let waiter = Arc::clone(&queue);
    let waiting = tokio::spawn(async move { waiter.fetch(10, SOON).await });
    server.flushall().await.unwrap();
    queue.push(1, &hints(100..101)).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), hints(100..101));
}

#[tokio::test]
async fn a_restart_fails_calls_and_the_next_work_again() {
    let (server, queue, _) = start().await;
    works_again(&queue).await;
    let waiter = Arc::clone(&queue);
    let waiting = tokio::spawn(async move { waiter.fetch(10, SOON).await });
    server.kill().await.unwrap();
    assert!(waiting.await.unwrap().is_err(), "the waiting fetch says so");
    assert!(queue.push(1, &hints(0..1)).await.is_err());
    assert!(queue.ping().await.is_err() && queue.depth().await.is_err());
    server.start_again().await.unwrap();
    works_again(&queue).await;
}

#[tokio::test]
async fn a_queue_opened_before_its_server_finds_it_later() {
    let (server, _, _) = start().await;
    server.stop().await.unwrap();
    let queue = RedisQueue::open(&server.url(), "levqor").unwrap();
    assert!(queue.ping().await.is_err());
    server.start_again().await.unwrap();
    works_again(&queue).await;
    assert!(RedisQueue::open("http://nowhere", "levqor").is_err());
}

#[tokio::test]
async fn a_dead_line_is_noticed_by_its_silence_and_replaced() {
    let server = Redis::start().await.unwrap();
    let proxy = Proxy::start(server.port()).await.unwrap();
    let queue = RedisQueue::open(&proxy.url_for(&server.url(), server.port()), "levqor").unwrap();
    works_again(&queue).await;
    for fault in [Fault::HalfOpen, Fault::Cut] {
        proxy.set(fault);
        let start = Instant::now();
        assert!(queue.push(1, &hints(0..1)).await.is_err());
        assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
        proxy.heal();
        works_again(&queue).await;
    }
}

#[tokio::test]
async fn a_server_that_refuses_the_greeting_is_not_lost_for_ever() {
    let (_server, queue, mut redis) = start().await;
    cmd("CONFIG")
        .arg(&["SET", "maxclients", "1"])
        .exec_async(&mut redis)
        .await
        .unwrap();
    assert!(queue.ping().await.is_err());
    cmd("CONFIG")
        .arg(&["SET", "maxclients", "1000"])
        .exec_async(&mut redis)
        .await
        .unwrap();
    works_again(&queue).await;
}

#[tokio::test]
async fn garbage_in_the_lists_is_skipped() {
    let (_server, queue, mut redis) = start().await;
    let (active, data) = ("{levqor}:normal:active", "{levqor}:normal:data");
    for id in [
        "",
        "no-data",
        "1-999999999999999999999999",
        "7--3",
        "\0\u{7f}",
        "1-64",
        "5-1e9",
        "nan-nan",
    ] {
        redis.rpush::<_, _, ()>(active, id).await.unwrap();
    }
    redis
        .rpush::<_, _, ()>(active, "01ARZ3NDEKTSV4RRFFQ69G5FAV")
        .await
        .unwrap();
    redis
        .hset::<_, _, _, ()>(data, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "{\"run\":null}")
        .await
        .unwrap();
    redis
        .hset::<_, _, _, ()>(data, "1-64", vec![1_u8; 40])
        .await
        .unwrap();
    for _ in 0..600 {
        redis.rpush::<_, _, ()>(active, "x").await.unwrap();
    }
    queue.push(1, &hints(0..70)).await.unwrap();
    assert_eq!(drain(queue.as_ref(), 1_000, 70).await, hints(0..70));
    assert_eq!(cmd("DBSIZE").query_async::<i64>(&mut redis).await.unwrap(), 0);
}

#[tokio::test]
async fn keys_of_another_type_are_replaced() {
    let (_server, queue, mut redis) = start().await;
    for key in ["active", "data", "signal", "waiting", "sequence"] {
        for wrong in [&["SET"][..], &["SADD"]] {
            let name = format!("{{levqor}}:normal:{key}");
            cmd("DEL").arg(&name).exec_async(&mut redis).await.unwrap();
            cmd(wrong[0])
                .arg(&name)
                .arg("garbage")
                .exec_async(&mut redis)
                .await
                .unwrap();
            queue.push(1, &hints(0..3)).await.unwrap();
            assert_eq!(
                queue.fetch(10, SOON).await.unwrap(),
                hints(0..3),
                "{key} {wrong:?}"
            );
            assert_eq!(queue.depth().await.unwrap(), 0);
            cmd(wrong[0])
                .arg(&name)
                .arg("garbage")
                .exec_async(&mut redis)
                .await
                .unwrap();
            assert!(
                queue
                    .fetch(10, Duration::from_millis(20))
                    .await
                    .is_ok_and(|none| none.is_empty())
            );
        }
    }
}

#[tokio::test]
async fn a_counter_that_has_drifted_is_right_again_when_the_queue_is_empty() {
    let (_server, queue, mut redis) = start().await;
    redis
        .set::<_, _, ()>("{levqor}:low:waiting", MAX_WAITING)
        .await
        .unwrap();
    assert_eq!(queue.push(2, &hints(0..5)).await.unwrap(), MAX_WAITING as u64);
    assert_eq!(queue.fetch(10, Duration::ZERO).await.unwrap(), []);
    assert_eq!(queue.push(2, &hints(0..5)).await.unwrap(), 5);
}

#[tokio::test]
async fn a_backlog_of_single_hints_is_fetched_in_bounded_steps() {
    let (_server, queue, _) = start().await;
    for one in hints(0..9_000).chunks(1) {
        queue.push(1, one).await.unwrap();
    }
    let first = queue.fetch(9_000, Duration::ZERO).await.unwrap();
    assert_eq!(first.len(), 256);
    assert_eq!(drain(queue.as_ref(), 9_000, 9_000 - 256).await.len(), 9_000 - 256);
}

#[tokio::test]
async fn tasks_of_stock_apalis_in_our_namespace_stay_unharmed() {
    let (server, queue, mut redis) = start().await;
    let config = Config::default().queue("{levqor}:normal");
    let connection = server.connection().await.unwrap();
    let mut stock = RedisStorage::<u32, _>::new(connection).with_config(config.clone());
    stock.push(42).await.unwrap();
    queue.push(1, &hints(0..10)).await.unwrap();
    assert_eq!(drain(queue.as_ref(), 100, 10).await, hints(0..10));
    let scheduled: Vec<String> = redis.zrange(config.scheduled_jobs_set(), 0, -1).await.unwrap();
    assert_eq!(scheduled.len(), 1);
    let payload: Vec<u8> = redis.hget(config.job_data_hash(), &scheduled[0]).await.unwrap();
    assert_eq!(payload, b"42");
    assert!(
        redis
            .exists::<_, bool>(format!("{}:{}", config.job_meta_hash(), scheduled[0]))
            .await
            .unwrap()
    );
}
