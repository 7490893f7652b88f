//! The whole way through apalis: Monitor, Worker, handler; over both queues.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::support::{SOON, hints};
use apalis::prelude::{Monitor, MonitorContext, MonitorError, TaskId, WorkerBuilder};
use async_trait::async_trait;
use levqor_queue::{
    HINTS_PER_MESSAGE, Hint, HintBackend, Hints, MemoryQueue, Queue, QueueError, RedisQueue, Slots,
};
use levqor_testkit::Redis;
use redis::AsyncCommands;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
    time::timeout,
};

/// What the handlers of a fleet of one saw.
#[derive(Default)]
struct Seen {
    hints: watch::Sender<HashSet<Hint>>,
    /// Handlers inside now, and most slots ever taken.
    inside: AtomicUsize,
    most_taken: AtomicUsize,
}

impl Seen {
    /// Waits until all of these were handled.
    async fn all(&self, wanted: &[Hint]) {
        let mut seen = self.hints.subscribe();
        let all = seen.wait_for(|seen| wanted.iter().all(|hint| seen.contains(hint)));
        let in_time = timeout(Duration::from_mins(1), all).await.is_ok();
        assert!(
            in_time,
            "{} handled of {}",
            self.hints.borrow().len(),
            wanted.len()
        );
    }

    fn count(&self) -> usize {
        self.hints.borrow().len()
    }
}

struct Fleet {
    seen: Arc<Seen>,
    slots: Slots,
    /// Handlers go on when they get a permit.
    gate: Arc<Semaphore>,
    panics: Arc<AtomicBool>,
    context: MonitorContext,
    running: JoinHandle<Result<(), MonitorError>>,
}

impl Fleet {
    fn start(queue: Arc<dyn Queue>, slots: usize, open: bool) -> Self {
        let (seen, slots, panics) = (
            Arc::new(Seen::default()),
            Slots::new(slots),
            Arc::new(AtomicBool::new(false)),
        );
        let gate = Arc::new(Semaphore::new(if open { Semaphore::MAX_PERMITS } else { 0 }));
        let parts = (
            Arc::clone(&seen),
            slots.clone(),
            Arc::clone(&gate),
            Arc::clone(&panics),
        );
        let monitor = Monitor::new()
            .register(move |restarts| {
                let backend = HintBackend::new(Arc::clone(&queue), parts.1.clone());
                let parts = parts.clone();
                WorkerBuilder::new(format!("test-{restarts}"))
                    .backend(backend)
                    .build(move |hints: Hints, _id: TaskId| handle(hints, parts.clone()))
            })
            .should_restart(|_, _| true);
        let context = monitor.context();
        Self {
            seen,
            slots,
            gate,
            panics,
            context,
            running: tokio::spawn(monitor.run()),
        }
    }

    async fn stop(self) {
        self.context.shutdown().unwrap();
        timeout(SOON, self.running).await.unwrap().unwrap().unwrap();
    }
}

type Parts = (Arc<Seen>, Slots, Arc<Semaphore>, Arc<AtomicBool>);

/// Takes a slot for each hint in a task of its own, as the worker does.
async fn handle(hints: Hints, (seen, slots, gate, panics): Parts) -> Result<(), std::convert::Infallible> {
    assert!(!panics.swap(false, Ordering::SeqCst), "as the test asked");
    assert!(!hints.0.is_empty() && hints.0.len() <= HINTS_PER_MESSAGE);
    let runs = hints.0.into_iter().map(|hint| {
        let (seen, slots, gate) = (Arc::clone(&seen), slots.clone(), Arc::clone(&gate));
        tokio::spawn(async move {
            let _slot = slots.take();
            seen.most_taken.fetch_max(slots.taken(), Ordering::SeqCst);
            seen.inside.fetch_add(1, Ordering::SeqCst);
            gate.acquire().await.unwrap().forget();
            seen.inside.fetch_sub(1, Ordering::SeqCst);
            seen.hints.send_modify(|seen| {
                seen.insert(hint);
            });
        })
    });
    for run in futures::future::join_all(runs).await {
        run.unwrap();
    }
    Ok(())
}

/// Feeds hints as the relay does: never far more than the workers drain.
async fn feed(queue: &dyn Queue, all: &[Hint]) {
    for part in all.chunks(2_000) {
        let mut waiting = queue.push(1, part).await.unwrap();
        while waiting > 8_000 {
            tokio::task::yield_now().await;
            waiting = queue.depth().await.unwrap();
        }
    }
}

async fn ten_thousand_hints(queue: Arc<dyn Queue>) {
    let fleet = Fleet::start(Arc::clone(&queue), 200, true);
    let all = hints(0..10_000);
    feed(queue.as_ref(), &all).await;
    fleet.seen.all(&all).await;
    assert_eq!(queue.depth().await.unwrap(), 0);
    assert!(fleet.seen.most_taken.load(Ordering::SeqCst) <= 200);
    fleet.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monitor_handles_ten_thousand_hints_from_memory() {
    ten_thousand_hints(Arc::new(MemoryQueue::new())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monitor_handles_ten_thousand_hints_from_redis() {
    let server = Redis::start().await.unwrap();
    ten_thousand_hints(Arc::new(RedisQueue::open(&server.url(), "levqor").unwrap())).await;
}

/// With all slots taken nothing more is fetched, and as slots come free just as many come.
async fn slots_bound_what_is_fetched(queue: Arc<dyn Queue>) {
    let fleet = Fleet::start(Arc::clone(&queue), 10, false);
    for one in hints(0..100) {
        queue.push(1, &[one]).await.unwrap();
    }
    let inside = async |count: usize| {
        let reached = async || fleet.seen.inside.load(Ordering::SeqCst) + fleet.seen.count() == count;
        levqor_testkit::eventually(SOON, reached).await.unwrap();
    };
    inside(10).await;
    assert_eq!(queue.depth().await.unwrap(), 90);
    fleet.gate.add_permits(25);
    inside(35).await;
    assert_eq!((fleet.slots.free(), queue.depth().await.unwrap()), (0, 65));
    fleet.gate.add_permits(1_000);
    fleet.seen.all(&hints(0..100)).await;
    assert_eq!(fleet.seen.most_taken.load(Ordering::SeqCst), 10);
    fleet.stop().await;
}

#[tokio::test]
async fn slots_bound_what_is_fetched_from_memory() {
    slots_bound_what_is_fetched(Arc::new(MemoryQueue::new())).await;
}

#[tokio::test]
async fn slots_bound_what_is_fetched_from_redis() {
    let server = Redis::start().await.unwrap();
    slots_bound_what_is_fetched(Arc::new(RedisQueue::open(&server.url(), "levqor").unwrap())).await;
}

#[tokio::test]
async fn a_message_larger_than_the_free_slots_is_handed_out_as_they_come_free() {
    let server = Redis::start().await.unwrap();
    let queue = Arc::new(RedisQueue::open(&server.url(), "levqor").unwrap());
    let fleet = Fleet::start(Arc::clone(&queue) as Arc<dyn Queue>, 3, true);
    queue.push(1, &hints(0..64)).await.unwrap();
    fleet.seen.all(&hints(0..64)).await;
    assert!(fleet.seen.most_taken.load(Ordering::SeqCst) <= 3);
    fleet.stop().await;
}

#[tokio::test]
async fn shutdown_waits_for_running_handlers_and_fetches_nothing_more() {
    let queue = Arc::new(MemoryQueue::new());
    let fleet = Fleet::start(Arc::clone(&queue) as Arc<dyn Queue>, 100, false);
    queue.push(1, &hints(0..5)).await.unwrap();
    levqor_testkit::eventually(SOON, async || fleet.seen.inside.load(Ordering::SeqCst) == 5)
        .await
        .unwrap();
    fleet.context.shutdown().unwrap();
    queue.push(1, &hints(5..10)).await.unwrap();
    let (seen, gate, mut running) = (Arc::clone(&fleet.seen), Arc::clone(&fleet.gate), fleet.running);
    assert!(
        timeout(Duration::from_millis(200), &mut running).await.is_err(),
        "handlers are still inside"
    );
    gate.add_permits(100);
    timeout(SOON, running).await.unwrap().unwrap().unwrap();
    assert_eq!((seen.count(), queue.depth().await.unwrap()), (5, 5));
}

#[tokio::test]
async fn a_panicking_handler_restarts_the_worker_and_hints_flow_again() {
    let queue = Arc::new(MemoryQueue::new());
    let fleet = Fleet::start(Arc::clone(&queue) as Arc<dyn Queue>, 5, true);
    for round in 0..4 {
        fleet.panics.store(true, Ordering::SeqCst);
        queue.push(1, &hints(round * 10..round * 10 + 5)).await.unwrap();
        levqor_testkit::eventually(SOON, async || !fleet.panics.load(Ordering::SeqCst))
            .await
            .unwrap();
        let more = hints(1_000 + round * 10..1_010 + round * 10);
        queue.push(1, &more).await.unwrap();
        fleet.seen.all(&more).await;
    }
    fleet.stop().await;
}

/// A queue that fails every other call.
struct Flaky(MemoryQueue, AtomicUsize);

#[async_trait]
impl Queue for Flaky {
    async fn push(&self, priority: i16, hints: &[Hint]) -> Result<u64, QueueError> {
        self.0.push(priority, hints).await
    }

    async fn fetch(&self, max: usize, wait: Duration) -> Result<Vec<Hint>, QueueError> {
        if self.1.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
            return Err(QueueError("as the test asked".to_owned()));
        }
        self.0.fetch(max, wait).await
    }

    async fn depth(&self) -> Result<u64, QueueError> {
        self.0.depth().await
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.0.ping().await
    }
}

#[tokio::test]
async fn errors_of_the_queue_end_nothing() {
    let queue = Arc::new(Flaky(MemoryQueue::new(), AtomicUsize::new(0)));
    let fleet = Fleet::start(Arc::clone(&queue) as Arc<dyn Queue>, 20, true);
    queue.push(1, &hints(0..100)).await.unwrap();
    fleet.seen.all(&hints(0..100)).await;
    assert!(queue.1.load(Ordering::SeqCst) >= 10);
    assert_eq!(fleet.context.workers()[0].restarts(), 0);
    fleet.stop().await;
}

/// Pushes until the queue takes it and all of it was handled: what an outage swallows is sent again, as the
/// relay does.
async fn push_until_handled(queue: &dyn Queue, fleet: &Fleet, wanted: &[Hint]) {
    let handled = || {
        let seen = fleet.seen.hints.borrow();
        wanted
            .iter()
            .copied()
            .filter(|hint| !seen.contains(hint))
            .collect::<Vec<_>>()
    };
    levqor_testkit::eventually(Duration::from_mins(1), async || {
        let missing = handled();
        let _pushed = queue.push(1, &missing).await;
        let mut seen = fleet.seen.hints.subscribe();
        let all = seen.wait_for(|seen| missing.iter().all(|hint| seen.contains(hint)));
        timeout(Duration::from_millis(500), all).await.is_ok()
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarts_flushes_and_garbage_in_the_middle_stop_nothing() {
    let server = Redis::start().await.unwrap();
    let queue = Arc::new(RedisQueue::open(&server.url(), "levqor").unwrap());
    let fleet = Fleet::start(Arc::clone(&queue) as Arc<dyn Queue>, 100, true);
    for round in 0..6_u32 {
        let wanted = hints(round * 2_000..round * 2_000 + 2_000);
        queue.push(1, &wanted).await.unwrap();
        match round % 3 {
            0 => server.flushall().await.unwrap(),
            1 => {
                server.kill().await.unwrap();
                server.start_again().await.unwrap();
            }
            _ => {
                let mut redis = server.connection().await.unwrap();
                redis
                    .lpush::<_, _, ()>("{levqor}:high:active", &["garbage", "3-7", ""])
                    .await
                    .unwrap();
                redis.del::<_, ()>("{levqor}:normal:data").await.unwrap();
                redis
                    .set::<_, _, ()>("{levqor}:normal:data", "garbage")
                    .await
                    .unwrap();
            }
        }
        push_until_handled(queue.as_ref(), &fleet, &wanted).await;
    }
    assert_eq!(fleet.seen.count(), 12_000);
    assert_eq!(
        fleet.context.workers()[0].restarts(),
        0,
        "no outage reached apalis"
    );
    fleet.stop().await;
}
