//! Batchers over a scripted flush: no database.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::future::join_all;
use parking_lot::Mutex;
use tokio::{sync::Notify, task::JoinHandle, time::Instant};
use uuid::Uuid;

use super::{BatchError, Batcher, Flush, Observer, Settings};
use crate::{DataError, IdSource, RunId, StoreError};

/// Counts.
#[derive(Default)]
struct Ids(AtomicU64);

impl IdSource for Ids {
    fn uuid_v7(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::SeqCst)))
    }

    fn random(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// An item: its run, and a number that tells items of one run apart.
type Item = (RunId, u32);

/// What a call of the flush saw.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    token: Uuid,
    items: Vec<Item>,
}

/// Holds each call until the test lets it go, when `held`; then answers what the script says, or commits.
#[derive(Default)]
struct Script {
    calls: Mutex<Vec<Call>>,
    answers: Mutex<VecDeque<StoreError>>,
    poison: Mutex<HashSet<u32>>,
    held: std::sync::atomic::AtomicBool,
    gate: Gate,
}

/// Lets calls in one by one.
#[derive(Default)]
struct Gate {
    arrived: Notify,
    open: Notify,
    inside: AtomicUsize,
    most: AtomicUsize,
}

impl Script {
    async fn call(&self, token: Uuid, items: &[Item]) -> Result<Vec<u32>, StoreError> {
        self.calls.lock().push(Call {
            token,
            items: items.to_vec(),
        });
        let inside = self.gate.inside.fetch_add(1, Ordering::SeqCst) + 1;
        self.gate.most.fetch_max(inside, Ordering::SeqCst);
        self.gate.arrived.notify_one();
        if self.held.load(Ordering::SeqCst) {
            self.gate.open.notified().await;
        }
        self.gate.inside.fetch_sub(1, Ordering::SeqCst);
        if let Some(error) = self.answers.lock().pop_front() {
            return Err(error);
        }
        match items.iter().find(|(_, n)| self.poison.lock().contains(n)) {
            Some((_, n)) => Err(DataError(n.to_string()).into()),
            None => Ok(items.iter().map(|(_, n)| n * 10).collect()),
        }
    }

    /// Waits until `n` calls were made.
    async fn called(&self, n: usize) {
        while self.calls.lock().len() < n {
            self.gate.arrived.notified().await;
        }
    }

    fn sizes(&self) -> Vec<usize> {
        self.calls.lock().iter().map(|call| call.items.len()).collect()
    }
}

/// Small bounds: 4 rows or 100 bytes a batch (an item's number is its size), 8 or 1,000 waiting.
struct Small(Arc<Script>);
/// The same for the inbox: runs may repeat, batches are known by their token, five seconds of patience.
struct Inbox(Arc<Script>);

macro_rules! flush {
    ($name:ident, $repeat:expr, $give_up:expr) => {
        #[async_trait]
        impl Flush for $name {
            type Item = Item;
            type Fate = u32;

            const NAME: &'static str = stringify!($name);
            const SETTINGS: Settings = Settings {
                max_rows: 4,
                max_bytes: 100,
                in_flight: 2,
                max_waiting: 8,
                max_waiting_bytes: 1_000,
                give_up: $give_up,
            };
            const RUN_MAY_REPEAT: bool = $repeat;
            const BY_TOKEN: bool = $repeat;

            fn run(item: &Item) -> RunId {
                item.0
            }

            fn size(item: &Item) -> usize {
                item.1 as usize
            }

            async fn flush(&self, token: Uuid, items: &[Item]) -> Result<Vec<u32>, StoreError> {
                self.0.call(token, items).await
            }
        }
    };
}

flush!(Small, false, None);
flush!(Inbox, true, Some(Duration::from_secs(5)));

fn run(n: u32) -> RunId {
    RunId(Uuid::from_u128(u128::from(n)))
}

/// Items of different runs, in descending order of run.
fn items(numbers: std::ops::Range<u32>) -> Vec<Item> {
    numbers.rev().map(|n| (run(n), n)).collect()
}

fn small() -> (Arc<Script>, Batcher<Small>) {
    let script = Arc::new(Script::default());
    (
        Arc::clone(&script),
        Batcher::new(Small(script), Arc::new(Ids::default()), Arc::new(())),
    )
}

fn inbox() -> (Arc<Script>, Batcher<Inbox>) {
    let script = Arc::new(Script::default());
    (
        Arc::clone(&script),
        Batcher::new(Inbox(script), Arc::new(Ids::default()), Arc::new(())),
    )
}

type Fates = Result<Vec<Result<u32, BatchError>>, BatchError>;

fn spawn<F: Flush<Item = Item, Fate = u32>>(batcher: &Batcher<F>, items: Vec<Item>) -> JoinHandle<Fates> {
    let batcher = batcher.clone();
    tokio::spawn(async move { batcher.submit_all(items).await })
}

/// Fills both lines with held calls of one item each (runs 900 and 901).
async fn occupy(script: &Script, batcher: &Batcher<Small>) -> [JoinHandle<Fates>; 2] {
    script.held.store(true, Ordering::SeqCst);
    let first = spawn(batcher, vec![(run(900), 1)]);
    script.called(1).await;
    let second = spawn(batcher, vec![(run(901), 1)]);
    script.called(2).await;
    [first, second]
}

/// Lets held calls go, now and from now on.
fn release(script: &Script) {
    script.held.store(false, Ordering::SeqCst);
    script.gate.open.notify_waiters();
}

fn unavailable() -> StoreError {
    StoreError::Unavailable("gone".to_owned())
}

#[tokio::test]
async fn an_idle_batcher_commits_at_once_and_answers_each_caller() {
    let (script, batcher) = small();
    assert_eq!(batcher.submit((run(1), 7)).await, Ok(70));
    assert_eq!(batcher.submit((run(1), 8)).await, Ok(80));
    assert_eq!(script.sizes(), [1, 1]);
}

#[tokio::test]
async fn a_batch_grows_only_while_two_commits_are_in_flight() {
    let (script, batcher) = small();
    let occupied = occupy(&script, &batcher).await;
    let waiting = spawn(&batcher, items(1..4));
    tokio::task::yield_now().await;
    assert_eq!((script.sizes(), batcher.waiting()), (vec![1, 1], 3));
    release(&script);
    assert_eq!(waiting.await.unwrap().unwrap(), [Ok(30), Ok(20), Ok(10)]);
    for task in occupied {
        assert_eq!(task.await.unwrap().unwrap(), [Ok(10)]);
    }
    assert_eq!(script.sizes(), [1, 1, 3]);
    assert_eq!(
        script.calls.lock()[2].items,
        [(run(1), 1), (run(2), 2), (run(3), 3)],
        "sorted by run"
    );
}

#[tokio::test]
async fn rows_and_bytes_bound_a_batch_and_two_commits_run_at_once() {
    let (script, batcher) = small();
    let occupied = occupy(&script, &batcher).await;
    let waiting = spawn(&batcher, items(1..7));
    let large = spawn(&batcher, vec![(run(50), 60), (run(51), 50)]);
    tokio::task::yield_now().await;
    release(&script);
    let fates = waiting.await.unwrap().unwrap();
    assert!(fates.iter().all(Result::is_ok));
    assert_eq!(large.await.unwrap().unwrap(), [Ok(600), Ok(500)]);
    join_all(occupied).await;
    assert_eq!(script.sizes()[2..], [4, 3, 1]);
    assert_eq!(script.gate.most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_item_larger_than_a_batch_travels_alone() {
    let (script, batcher) = small();
    let occupied = occupy(&script, &batcher).await;
    let waiting = spawn(&batcher, vec![(run(1), 500), (run(2), 1)]);
    tokio::task::yield_now().await;
    release(&script);
    assert_eq!(waiting.await.unwrap().unwrap(), [Ok(5_000), Ok(10)]);
    join_all(occupied).await;
    assert_eq!(script.sizes()[2..], [1, 1]);
}

#[tokio::test]
async fn a_run_is_in_one_batch_at_a_time_and_keeps_its_order() {
    let (script, batcher) = small();
    let occupied = occupy(&script, &batcher).await;
    let waiting = spawn(
        &batcher,
        vec![(run(1), 1), (run(1), 2), (run(900), 3), (run(2), 4)],
    );
    tokio::task::yield_now().await;
    release(&script);
    assert_eq!(waiting.await.unwrap().unwrap(), [Ok(10), Ok(20), Ok(30), Ok(40)]);
    join_all(occupied).await;
    let calls = script.calls.lock().clone();
    let order: Vec<Item> = calls
        .iter()
        .flat_map(|call| call.items.clone())
        .filter(|item| item.0 == run(1))
        .collect();
    assert_eq!(order, [(run(1), 1), (run(1), 2)]);
    for call in &calls {
        let runs: HashSet<RunId> = call.items.iter().map(|item| item.0).collect();
        assert_eq!(runs.len(), call.items.len(), "a run twice in {call:?}");
    }
}

#[tokio::test]
async fn a_second_item_of_a_run_in_flight_waits_though_a_line_is_free() {
    let (script, batcher) = small();
    script.held.store(true, Ordering::SeqCst);
    let first = spawn(&batcher, vec![(run(1), 1)]);
    script.called(1).await;
    let second = spawn(&batcher, vec![(run(1), 2)]);
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!((script.sizes(), batcher.waiting()), (vec![1], 1));
    release(&script);
    assert_eq!(first.await.unwrap().unwrap(), [Ok(10)]);
    assert_eq!(second.await.unwrap().unwrap(), [Ok(20)]);
}

#[tokio::test]
async fn deliveries_to_one_run_travel_together_in_order() {
    let (script, batcher) = inbox();
    let fates = batcher
        .submit_all(vec![(run(2), 1), (run(1), 2), (run(2), 3), (run(1), 4)])
        .await
        .unwrap();
    assert_eq!(fates, [Ok(10), Ok(20), Ok(30), Ok(40)]);
    assert_eq!(
        script.calls.lock()[0].items,
        [(run(1), 2), (run(1), 4), (run(2), 1), (run(2), 3)]
    );
}

#[tokio::test]
async fn refused_data_is_bisected_to_the_culprit_under_fresh_tokens() {
    let (script, batcher) = inbox();
    script.poison.lock().insert(3);
    let fates = batcher.submit_all(items(1..5)).await.unwrap();
    let refused = BatchError::Refused("the database refused the data: 3".to_owned());
    assert_eq!(fates, [Ok(40), Err(refused), Ok(20), Ok(10)]);
    let calls = script.calls.lock();
    assert_eq!(
        calls.iter().map(|call| call.items.len()).collect::<Vec<_>>(),
        [4, 2, 2, 1, 1]
    );
    let tokens: HashSet<Uuid> = calls.iter().map(|call| call.token).collect();
    assert_eq!(tokens.len(), calls.len());
}

#[tokio::test]
async fn an_unreadable_row_splits_only_batches_whose_items_are_safe_to_repeat() {
    let corrupt = || StoreError::Corrupt("bad".to_owned());
    let (script, batcher) = small();
    script.answers.lock().push_back(corrupt());
    assert_eq!(batcher.submit_all(items(1..3)).await.unwrap(), [Ok(20), Ok(10)]);
    assert_eq!(script.sizes(), [2, 1, 1]);
    let (script, batcher) = inbox();
    script.answers.lock().push_back(corrupt());
    let fates = batcher.submit_all(items(1..3)).await.unwrap();
    assert!(
        fates
            .iter()
            .all(|fate| matches!(fate, Err(BatchError::Failed(_)))),
        "{fates:?}"
    );
    assert_eq!(script.sizes(), [2]);
}

#[tokio::test(start_paused = true)]
async fn conflicts_and_unknown_outcomes_repeat_the_same_batch_under_the_same_token() {
    let (script, batcher) = inbox();
    script.answers.lock().extend([
        unavailable(),
        StoreError::Retry("40P01".to_owned()),
        unavailable(),
    ]);
    assert_eq!(
        batcher.submit_all(items(1..4)).await.unwrap(),
        [Ok(30), Ok(20), Ok(10)]
    );
    let calls = script.calls.lock();
    assert_eq!(calls.len(), 4);
    assert!(calls.iter().all(|call| *call == calls[0]), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_given_up_after_its_patience() {
    let (script, batcher) = inbox();
    script
        .answers
        .lock()
        .extend(std::iter::repeat_with(unavailable).take(1_000));
    let start = Instant::now();
    let fates = batcher.submit_all(items(1..3)).await.unwrap();
    let gone = BatchError::Unavailable("the database is unavailable: gone".to_owned());
    assert_eq!(fates, [Err(gone.clone()), Err(gone)]);
    assert!(
        (4..=5).contains(&start.elapsed().as_secs()),
        "{:?}",
        start.elapsed()
    );
    assert!(script.sizes().len() > 5);
}

#[tokio::test(start_paused = true)]
async fn workers_wait_out_any_outage() {
    let (script, batcher) = small();
    script
        .answers
        .lock()
        .extend(std::iter::repeat_with(unavailable).take(1_000));
    let start = Instant::now();
    assert_eq!(batcher.submit((run(1), 5)).await, Ok(50));
    assert!(start.elapsed() > Duration::from_secs(400));
    assert_eq!(script.sizes().len(), 1_001);
}

#[tokio::test]
async fn more_than_may_wait_is_refused_at_once_and_whole() {
    let (script, batcher) = small();
    let occupied = occupy(&script, &batcher).await;
    let waiting = spawn(&batcher, items(1..8));
    tokio::task::yield_now().await;
    assert_eq!(
        batcher.submit_all(items(20..22)).await,
        Err(BatchError::Overloaded)
    );
    assert_eq!(
        batcher.submit((run(30), 990)).await,
        Err(BatchError::Overloaded),
        "too many bytes"
    );
    assert_eq!(batcher.waiting(), 7);
    release(&script);
    assert!(waiting.await.unwrap().unwrap().iter().all(Result::is_ok));
    join_all(occupied).await;
    assert_eq!(batcher.submit((run(30), 990)).await, Ok(9_900));
}

#[tokio::test]
async fn shutdown_commits_what_waits_and_takes_nothing_more() {
    let (script, batcher) = small();
    let occupied = occupy(&script, &batcher).await;
    let waiting = spawn(&batcher, items(1..7));
    tokio::task::yield_now().await;
    let closing = {
        let batcher = batcher.clone();
        tokio::spawn(async move { batcher.shutdown(Duration::from_secs(5)).await })
    };
    tokio::task::yield_now().await;
    assert_eq!(batcher.submit((run(1), 1)).await, Err(BatchError::Closed));
    assert!(!closing.is_finished());
    release(&script);
    closing.await.unwrap();
    assert_eq!(
        script
            .calls
            .lock()
            .iter()
            .map(|call| call.items.len())
            .sum::<usize>(),
        8
    );
    assert!(waiting.await.unwrap().unwrap().iter().all(Result::is_ok));
    join_all(occupied).await;
    batcher.shutdown(Duration::ZERO).await;
}

#[tokio::test(start_paused = true)]
async fn shutdown_ends_repeats_after_its_grace() {
    let (script, batcher) = small();
    script
        .answers
        .lock()
        .extend(std::iter::repeat_with(unavailable).take(1_000));
    let stuck = spawn(&batcher, vec![(run(1), 1)]);
    script.called(3).await;
    let start = Instant::now();
    batcher.shutdown(Duration::from_secs(2)).await;
    assert!(start.elapsed() <= Duration::from_secs(2));
    assert!(matches!(
        stuck.await.unwrap().unwrap()[..],
        [Err(BatchError::Unavailable(_))]
    ));
}

#[tokio::test]
async fn a_panicking_flush_answers_its_callers_and_frees_its_line() {
    struct Panics(AtomicUsize);

    #[async_trait]
    impl Flush for Panics {
        type Item = Item;
        type Fate = u32;

        const NAME: &'static str = "panics";
        const SETTINGS: Settings = Settings {
            in_flight: 1,
            max_rows: 1,
            ..Settings::WORKER
        };

        fn run(item: &Item) -> RunId {
            item.0
        }

        fn size(_: &Item) -> usize {
            1
        }

        async fn flush(&self, _: Uuid, items: &[Item]) -> Result<Vec<u32>, StoreError> {
            assert!(
                self.0.fetch_add(1, Ordering::SeqCst) != 0,
                "the first call panics"
            );
            Ok(items.iter().map(|item| item.1).collect())
        }
    }

    let batcher = Batcher::new(
        Panics(AtomicUsize::new(0)),
        Arc::new(Ids::default()),
        Arc::new(()),
    );
    let fates = batcher
        .submit_all(vec![(run(1), 1), (run(2), 2), (run(1), 3)])
        .await
        .unwrap();
    assert!(matches!(fates[0], Err(BatchError::Unavailable(_))));
    assert_eq!(fates[1..], [Ok(2), Ok(3)]);
}

#[tokio::test]
async fn the_observer_sees_every_try() {
    #[derive(Default)]
    struct Seen(Mutex<HashMap<&'static str, (usize, usize)>>);

    impl Observer for Seen {
        fn committed(&self, batcher: &'static str, rows: usize, _: Duration) {
            self.0.lock().entry(batcher).or_default().0 += rows;
        }

        fn failed(&self, batcher: &'static str, rows: usize, _: &StoreError) {
            self.0.lock().entry(batcher).or_default().1 += rows;
        }
    }

    let (script, seen) = (Arc::new(Script::default()), Arc::new(Seen::default()));
    script.poison.lock().insert(2);
    let batcher = Batcher::new(
        Small(script),
        Arc::new(Ids::default()),
        Arc::clone(&seen) as Arc<dyn Observer>,
    );
    let _fates = batcher.submit_all(items(1..3)).await.unwrap();
    assert_eq!(seen.0.lock().get("Small"), Some(&(1, 3)));
}
