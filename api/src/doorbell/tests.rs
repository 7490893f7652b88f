//! What leaves, and when.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};

use async_trait::async_trait;
use levqor_queue::QueueError;
use parking_lot::Mutex;
use tokio::sync::Notify;
use uuid::Uuid;

use super::*;
use crate::{clock::Paused, observer::Served};

/// A queue with a depth that the test decides; remembers messages.
#[derive(Default)]
struct Recorder {
    messages: Mutex<Vec<(i16, usize)>>,
    depth: AtomicU64,
    told: Notify,
    far: bool,
}

#[async_trait]
impl Queue for Recorder {
    async fn push(&self, priority: i16, hints: &[Hint]) -> Result<u64, QueueError> {
        self.messages.lock().push((priority, hints.len()));
        self.told.notify_one();
        match self.depth.load(SeqCst) {
            u64::MAX => Err(QueueError("away".into())),
            depth => Ok(depth),
        }
    }

    async fn fetch(&self, _: usize, _: Duration) -> Result<Vec<Hint>, QueueError> {
        Ok(Vec::new())
    }

    async fn depth(&self) -> Result<u64, QueueError> {
        Ok(self.depth.load(SeqCst))
    }

    async fn ping(&self) -> Result<(), QueueError> {
        Ok(())
    }

    fn is_far(&self) -> bool {
        self.far
    }
}

#[derive(Default)]
struct Dropped(AtomicUsize);

impl Observer for Dropped {
    fn served(&self, _: &Served) {}

    fn hints_dropped(&self, count: usize) {
        self.0.fetch_add(count, SeqCst);
    }

    fn over_budget(&self) {}

    fn shed(&self, _: &'static str, _: u64) {}

    fn backlog(&self, _: &'static str, _: u64) {}
}

fn start() -> (Doorbell, Arc<Recorder>, Arc<Dropped>) {
    start_on(false)
}

/// On a queue that is far, or near.
fn start_on(far: bool) -> (Doorbell, Arc<Recorder>, Arc<Dropped>) {
    let queue = Recorder {
        far,
        ..Recorder::default()
    };
    let (queue, dropped) = (Arc::new(queue), Arc::new(Dropped::default()));
    let clock = Arc::new(Paused::default());
    (
        Doorbell::start(Arc::clone(&queue) as _, clock, Arc::clone(&dropped) as _),
        queue,
        dropped,
    )
}

fn ring(bell: &Doorbell, priority: i16, count: usize) {
    (0..count).for_each(|n| bell.ring(priority, RunId(Uuid::from_u128(n as u128)), 0));
}

#[tokio::test(start_paused = true)]
async fn hints_of_one_moment_share_messages_of_64_by_priority() {
    let (bell, queue, dropped) = start();
    ring(&bell, 1, 100);
    ring(&bell, 0, 3);
    tokio::time::sleep(GATHER).await;
    assert_eq!(*queue.messages.lock(), [(0, 3), (1, 64), (1, 36)]);
    assert_eq!(dropped.0.load(SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn hints_that_find_a_backlog_go_when_it_is_gone() {
    let (bell, queue, dropped) = start();
    queue.depth.store(BACKLOG + 1, SeqCst);
    ring(&bell, 1, 1);
    tokio::time::sleep(GATHER * 2).await;
    ring(&bell, 1, 5);
    tokio::time::sleep(LOOK_AGAIN * 2).await;
    assert_eq!(*queue.messages.lock(), [(1, 1)]);
    queue.depth.store(BACKLOG, SeqCst);
    ring(&bell, 1, 2);
    tokio::time::sleep(LOOK_AGAIN * 2).await;
    assert_eq!(*queue.messages.lock(), [(1, 1), (1, 7)]);
    assert_eq!(dropped.0.load(SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn hints_are_left_to_the_relay_when_the_backlog_stays() {
    let (bell, queue, dropped) = start();
    queue.depth.store(BACKLOG + 1, SeqCst);
    ring(&bell, 1, 1);
    tokio::time::sleep(GATHER * 2).await;
    ring(&bell, 1, 5);
    tokio::time::sleep(FRESH + LOOK_AGAIN * 2).await;
    assert_eq!((queue.messages.lock().len(), dropped.0.load(SeqCst)), (1, 5));
    queue.depth.store(BACKLOG, SeqCst);
    ring(&bell, 1, 2);
    tokio::time::sleep(LOOK_AGAIN * 2).await;
    assert_eq!(queue.messages.lock().last(), Some(&(1, 2)));
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_fails_is_tried_again_and_costs_only_old_hints() {
    let (bell, queue, dropped) = start();
    queue.depth.store(u64::MAX, SeqCst);
    ring(&bell, 1, 3);
    tokio::time::sleep(FRESH + LOOK_AGAIN * 2).await;
    assert_eq!(dropped.0.load(SeqCst), 3);
    ring(&bell, 1, 1);
    tokio::time::sleep(LOOK_AGAIN * 2).await;
    queue.depth.store(0, SeqCst);
    tokio::time::sleep(LOOK_AGAIN * 2).await;
    assert_eq!(queue.messages.lock().last(), Some(&(1, 1)));
    assert_eq!(dropped.0.load(SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn a_full_channel_drops_and_counts_without_waiting() {
    let (bell, queue, dropped) = start();
    ring(&bell, 1, CHANNEL + 10);
    assert_eq!(dropped.0.load(SeqCst), 10);
    while queue.messages.lock().len() < CHANNEL / HINTS_PER_MESSAGE {
        queue.told.notified().await;
    }
}

/// Starts the run after an early hint and `commit`.
async fn start_run(bell: &Doorbell, commit: Duration) {
    let run = RunId(Uuid::from_u128(1));
    let early = bell.ring_early(1, run);
    tokio::time::sleep(commit).await;
    bell.ring_new(1, run, early);
    tokio::time::sleep(GATHER).await;
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_early_hint_came_in_time_is_hinted_once() {
    let (bell, queue, _) = start_on(true);
    tokio::time::sleep(GATHER).await;
    start_run(&bell, HEEDED / 2).await;
    assert_eq!(*queue.messages.lock(), [(1, 1)]);
    start_run(&bell, HEEDED * 2).await;
    assert_eq!(*queue.messages.lock(), [(1, 1); 3], "its commit took long");
}

#[tokio::test(start_paused = true)]
async fn after_an_early_hint_for_nothing_there_is_none_until_a_run_was_started() {
    let (bell, ..) = start_on(true);
    let run = RunId(Uuid::nil());
    tokio::time::sleep(GATHER).await;
    assert!(bell.ring_early(1, run).0.is_some());
    tokio::time::sleep(GATHER * 2).await;
    let second = bell.ring_early(1, run);
    assert!(second.0.is_none());
    bell.ring_new(1, run, second);
    tokio::time::sleep(GATHER * 2).await;
    assert!(bell.ring_early(1, run).0.is_some());
}

#[tokio::test(start_paused = true)]
async fn no_hint_is_early_while_others_are_on_their_way_or_the_queue_is_near() {
    for far in [true, false] {
        let (bell, queue, _) = start_on(far);
        tokio::time::sleep(GATHER).await;
        ring(&bell, 1, 1);
        tokio::time::sleep(GATHER / 2).await;
        assert!(bell.ring_early(1, RunId(Uuid::nil())).0.is_none());
        tokio::time::sleep(GATHER).await;
        let early = bell.ring_early(1, RunId(Uuid::nil())).0;
        assert_eq!((early.is_some(), queue.messages.lock().len()), (far, 1));
    }
}
