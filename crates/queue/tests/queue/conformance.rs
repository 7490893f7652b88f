//! One suite over both queues.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::support::{SOON, drain, hints, numbers};
use futures::future::join_all;
use levqor_queue::{HINTS_PER_MESSAGE, Hint, MAX_WAITING, Queue, RedisQueue};
use levqor_testkit::Redis;
use tokio::time::timeout;

/// Runs a case over memory and over a Redis of its own.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $name() {
                super::$name(std::sync::Arc::new(levqor_queue::MemoryQueue::new())).await;
            })*
        }

        mod redis {
            $(#[tokio::test]
            async fn $name() {
                let server = levqor_testkit::Redis::start().await.unwrap();
                let queue = levqor_queue::RedisQueue::open(&server.url(), "levqor").unwrap();
                super::$name(std::sync::Arc::new(queue)).await;
            })*
        }
    };
}

cases!(
    hints_come_back_once_and_in_order,
    higher_priorities_come_first,
    a_fetch_takes_no_more_than_asked_plus_a_message,
    an_empty_queue_is_waited_for_and_a_push_wakes,
    one_push_wakes_as_many_fetches_as_it_feeds,
    pushes_and_depth_count_what_waits,
    what_goes_past_the_bound_is_dropped,
    many_pushers_and_fetchers_lose_and_double_nothing,
    priorities_out_of_range_count_as_the_nearest,
    an_abandoned_fetch_takes_nothing_with_it,
);

async fn hints_come_back_once_and_in_order(queue: Arc<dyn Queue>) {
    queue.ping().await.unwrap();
    queue.push(1, &hints(0..200)).await.unwrap();
    let got = drain(queue.as_ref(), 50, 200).await;
    assert_eq!(got, hints(0..200));
    assert_eq!(queue.fetch(10, Duration::ZERO).await.unwrap(), []);
}

async fn higher_priorities_come_first(queue: Arc<dyn Queue>) {
    queue.push(2, &hints(20..30)).await.unwrap();
    queue.push(1, &hints(10..20)).await.unwrap();
    queue.push(0, &hints(0..10)).await.unwrap();
    assert_eq!(
        numbers(&drain(queue.as_ref(), 100, 30).await),
        (0..30).collect::<Vec<_>>()
    );
}

async fn a_fetch_takes_no_more_than_asked_plus_a_message(queue: Arc<dyn Queue>) {
    for _ in 0..3 {
        queue.push(1, &hints(0..100)).await.unwrap();
    }
    for one in hints(0..40) {
        queue.push(0, &[one]).await.unwrap();
    }
    assert_eq!(
        queue.fetch(0, SOON).await.unwrap(),
        [],
        "nothing wanted is no wait"
    );
    assert_eq!(
        queue.fetch(30, Duration::ZERO).await.unwrap().len(),
        30,
        "single hints exactly"
    );
    for max in [1, 20, 100] {
        let got = queue.fetch(max, Duration::ZERO).await.unwrap().len();
        assert!((max..max + HINTS_PER_MESSAGE).contains(&got), "{got} for {max}");
    }
}

async fn an_empty_queue_is_waited_for_and_a_push_wakes(queue: Arc<dyn Queue>) {
    let start = Instant::now();
    assert_eq!(queue.fetch(1, Duration::from_millis(150)).await.unwrap(), []);
    assert!(start.elapsed() >= Duration::from_millis(150));
    for n in 0..5 {
        let waiter = Arc::clone(&queue);
        let waiting = tokio::spawn(async move { (waiter.fetch(10, SOON).await.unwrap(), Instant::now()) });
        // Long enough for the fetch to be waiting: a push before that would prove nothing.
        assert!(
            timeout(Duration::from_millis(100), std::future::pending::<()>())
                .await
                .is_err()
        );
        let pushed = Instant::now();
        queue.push(1, &hints(n..n + 1)).await.unwrap();
        let (got, woken) = waiting.await.unwrap();
        assert_eq!(numbers(&got), [n]);
        assert!(
            woken - pushed < Duration::from_millis(500),
            "woken by the poll: {:?}",
            woken - pushed
        );
    }
}

async fn one_push_wakes_as_many_fetches_as_it_feeds(queue: Arc<dyn Queue>) {
    let fetches = (0..3).map(|_| {
        let queue = Arc::clone(&queue);
        tokio::spawn(async move { queue.fetch(1, SOON).await.unwrap() })
    });
    let fetches: Vec<_> = fetches.collect();
    queue.push(1, &hints(0..192)).await.unwrap();
    for fetch in join_all(fetches).await {
        assert!(!fetch.unwrap().is_empty());
    }
}

async fn pushes_and_depth_count_what_waits(queue: Arc<dyn Queue>) {
    assert_eq!(queue.depth().await.unwrap(), 0);
    assert_eq!(queue.push(0, &hints(0..100)).await.unwrap(), 100);
    assert_eq!(queue.push(2, &hints(0..7)).await.unwrap(), 107);
    assert_eq!(queue.push(1, &[]).await.unwrap(), 107);
    assert_eq!(queue.depth().await.unwrap(), 107);
    let got = queue.fetch(10, Duration::ZERO).await.unwrap().len() as u64;
    assert_eq!(queue.depth().await.unwrap(), 107 - got);
    drain(queue.as_ref(), 100, 107).await;
    assert_eq!(queue.depth().await.unwrap(), 0);
}

async fn what_goes_past_the_bound_is_dropped(queue: Arc<dyn Queue>) {
    let most = u32::try_from(MAX_WAITING).unwrap();
    for start in (0..most + 2_048).step_by(2_048) {
        queue.push(1, &hints(start..start + 2_048)).await.unwrap();
    }
    assert_eq!(queue.depth().await.unwrap(), u64::from(most));
    assert_eq!(queue.push(1, &hints(0..1)).await.unwrap(), u64::from(most));
    assert_eq!(
        queue.push(0, &hints(0..1)).await.unwrap(),
        u64::from(most) + 1,
        "each priority has its own"
    );
    assert_eq!(
        drain(queue.as_ref(), 4_096, MAX_WAITING + 1).await.len(),
        MAX_WAITING + 1
    );
    let whole = hints(0..most + 500);
    assert_eq!(
        queue.push(2, &whole).await.unwrap(),
        u64::from(most),
        "also in one push"
    );
}

async fn many_pushers_and_fetchers_lose_and_double_nothing(queue: Arc<dyn Queue>) {
    let pushers = (0..4_u32).map(|pusher| {
        let queue = Arc::clone(&queue);
        tokio::spawn(async move {
            for start in (pusher * 1_000..(pusher + 1) * 1_000).step_by(50) {
                queue
                    .push(i16::try_from(start / 50 % 3).unwrap(), &hints(start..start + 50))
                    .await
                    .unwrap();
            }
        })
    });
    let fetchers = (0..4).map(|_| {
        let queue = Arc::clone(&queue);
        tokio::spawn(async move { drain(queue.as_ref(), 100, usize::MAX).await })
    });
    let fetchers: Vec<_> = fetchers.collect();
    join_all(pushers).await;
    let all: Vec<Hint> = join_all(fetchers)
        .await
        .into_iter()
        .flat_map(Result::unwrap)
        .collect();
    assert_eq!(all.len(), 4_000);
    assert_eq!(
        all.iter().copied().collect::<HashSet<_>>(),
        hints(0..4_000).into_iter().collect()
    );
}

async fn priorities_out_of_range_count_as_the_nearest(queue: Arc<dyn Queue>) {
    queue.push(9, &hints(3..4)).await.unwrap();
    queue.push(2, &hints(4..5)).await.unwrap();
    queue.push(-1, &hints(1..2)).await.unwrap();
    queue.push(0, &hints(2..3)).await.unwrap();
    assert_eq!(numbers(&drain(queue.as_ref(), 100, 4).await), [1, 2, 3, 4]);
}

async fn an_abandoned_fetch_takes_nothing_with_it(queue: Arc<dyn Queue>) {
    let abandoned = timeout(Duration::from_millis(50), queue.fetch(10, SOON)).await;
    assert!(abandoned.is_err());
    queue.push(1, &hints(0..5)).await.unwrap();
    assert_eq!(queue.fetch(10, SOON).await.unwrap(), hints(0..5));
}

#[tokio::test]
async fn two_namespaces_of_one_redis_do_not_meet() {
    let server = Redis::start().await.unwrap();
    let first = RedisQueue::open(&server.url(), "first").unwrap();
    let second = RedisQueue::open(&server.url(), "second").unwrap();
    first.push(1, &hints(0..1)).await.unwrap();
    assert_eq!(second.fetch(10, Duration::ZERO).await.unwrap(), []);
    assert_eq!(first.fetch(10, Duration::ZERO).await.unwrap(), hints(0..1));
}
