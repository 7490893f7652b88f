//! Admission over looks that the tests decide, on a clock that stands until it is moved.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use levqor_store::{StoreError, WaitingRuns};
use parking_lot::Mutex;
use uuid::Uuid;

use super::*;
use crate::{clock::Paused, observer::Served};

const BOUND: u64 = 100;
const LOW_BOUND: u64 = 1_000;
const NORMAL: i16 = 1;
const SECOND: Duration = Duration::from_secs(1);

/// The database as it is looked at.
#[derive(Default)]
struct Database {
    /// By priority and tenant.
    runs: HashMap<(i16, TenantId), i64>,
    no_worker: bool,
    away: bool,
    looks: usize,
    most: i64,
}

#[derive(Default)]
struct Fake(Mutex<Database>);

#[async_trait]
impl Looks for Fake {
    async fn any_worker(&self) -> Result<bool, StoreError> {
        Ok(!self.0.lock().no_worker)
    }

    async fn waiting(&self, priority: i16, most: i64) -> Result<Vec<WaitingRuns>, StoreError> {
        let mut database = self.0.lock();
        database.looks += 1;
        database.most = most;
        if database.away {
            return Err(StoreError::Unavailable("away".to_owned()));
        }
        let of = |((_, tenant_id), runs): (&(i16, TenantId), &i64)| WaitingRuns {
            tenant_id: *tenant_id,
            runs: *runs,
        };
        let own = database.runs.iter().filter(|((of, _), _)| *of == priority);
        Ok(own.map(of).collect())
    }
}

/// What was told.
#[derive(Default)]
struct Told {
    shed: Mutex<HashMap<&'static str, u64>>,
    backlog: Mutex<HashMap<&'static str, u64>>,
}

impl Observer for Told {
    fn served(&self, _: &Served) {}

    fn hints_dropped(&self, _: usize) {}

    fn over_budget(&self) {}

    fn shed(&self, priority: &'static str, runs: u64) {
        *self.shed.lock().entry(priority).or_default() += runs;
    }

    fn backlog(&self, priority: &'static str, runs: u64) {
        self.backlog.lock().insert(priority, runs);
    }
}

struct Rig {
    backlog: Backlog,
    database: Arc<Fake>,
    told: Arc<Told>,
}

impl Rig {
    fn new() -> Self {
        Self::bounded(BOUND, LOW_BOUND)
    }

    fn bounded(intake_backlog: u64, intake_backlog_low: u64) -> Self {
        let (database, told) = (Arc::new(Fake::default()), Arc::new(Told::default()));
        let options = ApiOptions {
            intake_backlog,
            intake_backlog_low,
            ..ApiOptions::default()
        };
        let clock = Arc::new(Paused::default());
        Self {
            backlog: Backlog::new(
                Arc::clone(&database) as _,
                clock,
                Arc::clone(&told) as _,
                &options,
            ),
            database,
            told,
        }
    }

    /// So many runs of a tenant wait, and the process has looked.
    async fn wait(&self, priority: i16, tenant: TenantId, runs: u64) {
        let runs = i64::try_from(runs).unwrap();
        self.database.0.lock().runs.insert((priority, tenant), runs);
        self.look(priority).await;
    }

    /// An admission after a pause makes a look; its outcome does not matter.
    async fn look(&self, priority: i16) {
        tokio::time::sleep(SECOND * 3).await;
        drop(self.backlog.admit(nobody(), priority));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    fn admits(&self, priority: i16, tenant: TenantId) -> bool {
        self.backlog.admit(tenant, priority).is_ok()
    }

    /// Whether a batch of one is taken, and how long that took to say.
    async fn batch(&self, priority: i16, tenant: TenantId) -> (bool, Duration) {
        let begin = tokio::time::Instant::now();
        let mut runs = [0; PRIORITIES];
        runs[place(priority)] = 1;
        let taken = self.backlog.admit_many(tenant, runs).await.is_ok();
        (taken, begin.elapsed())
    }

    fn looks(&self) -> usize {
        self.database.0.lock().looks
    }
}

fn tenant(n: u128) -> TenantId {
    TenantId(Uuid::from_u128(n))
}

/// A tenant without runs who only makes looks.
fn nobody() -> TenantId {
    tenant(999)
}

#[tokio::test(start_paused = true)]
async fn a_full_lane_refuses_single_starts_with_503_and_retry_after() {
    let rig = Rig::new();
    rig.wait(NORMAL, tenant(1), BOUND - 1).await;
    assert!(rig.admits(NORMAL, tenant(1)));
    rig.wait(NORMAL, tenant(1), BOUND).await;
    let problem = rig.backlog.admit(tenant(1), NORMAL).err().unwrap();
    assert_eq!(problem.code(), Code::Overloaded);
    let text = problem.to_string();
    assert!(text.contains("`normal`") && text.contains("`low`"), "{text}");
    assert_eq!(rig.told.shed.lock().get("normal"), Some(&1));
    assert_eq!(rig.told.backlog.lock().get("normal"), Some(&BOUND));
    rig.wait(NORMAL, tenant(1), BOUND - 1).await;
    assert!(rig.admits(NORMAL, tenant(1)));
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_since_the_look_counts() {
    let rig = Rig::new();
    rig.wait(NORMAL, tenant(1), BOUND - 3).await;
    let on_its_way = rig.backlog.admit(tenant(1), NORMAL).ok().unwrap();
    for _ in 0..2 {
        let place = rig.backlog.admit(tenant(1), NORMAL).ok().unwrap();
        rig.backlog.accepted(NORMAL);
        drop(place);
    }
    assert!(!rig.admits(NORMAL, tenant(1)));
    // That one was not committed.
    drop(on_its_way);
    assert!(rig.admits(NORMAL, tenant(1)));
    // The next look has seen what was committed.
    rig.wait(NORMAL, tenant(1), BOUND - 1).await;
    assert!(rig.admits(NORMAL, tenant(1)));
}

#[tokio::test(start_paused = true)]
async fn batches_yield_to_single_starts() {
    let rig = Rig::new();
    rig.wait(NORMAL, tenant(1), BOUND / 2 - 1).await;
    assert_eq!(rig.batch(NORMAL, tenant(1)).await, (true, Duration::ZERO));
    rig.wait(NORMAL, tenant(1), BOUND / 2).await;
    assert!(!rig.batch(NORMAL, tenant(1)).await.0);
    assert!(rig.admits(NORMAL, tenant(1)));
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_held_for_a_second_and_let_in_when_there_is_room() {
    let rig = Rig::new();
    rig.wait(NORMAL, tenant(1), BOUND).await;
    let before = rig.looks();
    assert_eq!(rig.batch(NORMAL, tenant(1)).await, (false, HOLD));
    assert!(rig.looks() > before + 2, "it looks while it waits");
    assert_eq!(rig.told.shed.lock().get("normal"), Some(&1));
    let drained = async {
        tokio::time::sleep(HOLD / 4).await;
        rig.database.0.lock().runs.clear();
    };
    let ((taken, after), ()) = tokio::join!(rig.batch(NORMAL, tenant(1)), drained);
    assert!(taken && after >= HOLD / 4 && after < HOLD * 3 / 4, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_refused_when_one_of_its_priorities_is_full() {
    let rig = Rig::new();
    rig.wait(NORMAL, tenant(1), BOUND).await;
    let problem = rig.backlog.admit_many(tenant(1), [3, 2, 1]).await.err().unwrap();
    assert_eq!(problem.code(), Code::Overloaded);
    let shed = rig.told.shed.lock().clone();
    assert_eq!(shed, HashMap::from([("high", 3), ("normal", 2), ("low", 1)]));
    assert!(rig.backlog.admit_many(tenant(1), [3, 0, 1]).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn without_a_worker_runs_are_accepted_past_the_bound() {
    let rig = Rig::new();
    rig.database.0.lock().no_worker = true;
    rig.wait(NORMAL, tenant(1), LOW_BOUND - 1).await;
    assert_eq!(rig.database.0.lock().most, i64::try_from(LOW_BOUND).unwrap());
    assert!(rig.admits(NORMAL, tenant(1)));
    assert!(rig.batch(NORMAL, tenant(1)).await.0);
    rig.wait(NORMAL, tenant(1), LOW_BOUND).await;
    assert!(!rig.admits(NORMAL, tenant(1)));
    rig.database.0.lock().no_worker = false;
    rig.wait(NORMAL, tenant(1), BOUND).await;
    assert!(!rig.admits(NORMAL, tenant(1)));
}

#[tokio::test(start_paused = true)]
async fn a_tenant_below_its_share_is_admitted_in_a_full_lane() {
    let rig = Rig::new();
    rig.wait(NORMAL, tenant(1), BOUND).await;
    let mut places = Vec::new();
    // Half of the bound is the share of each of two.
    while let Ok(place) = rig.backlog.admit(tenant(2), NORMAL) {
        places.push(place);
    }
    assert_eq!(places.len() as u64, BOUND / 2);
    assert!(!rig.admits(NORMAL, tenant(1)));
    drop(places);
    rig.database.0.lock().runs.insert((NORMAL, tenant(2)), 40);
    rig.wait(NORMAL, tenant(1), BOUND - 40).await;
    assert!(rig.admits(NORMAL, tenant(2)));
    assert!(!rig.admits(NORMAL, tenant(1)));
}

#[tokio::test(start_paused = true)]
async fn low_priority_is_for_bulk() {
    let rig = Rig::new();
    rig.wait(2, tenant(1), LOW_BOUND - 1).await;
    assert!(rig.admits(2, tenant(1)));
    assert!(rig.batch(2, tenant(1)).await.0);
    rig.wait(2, tenant(1), LOW_BOUND).await;
    let problem = rig.backlog.admit(tenant(1), 2).err().unwrap().to_string();
    assert!(problem.contains("`low` is full"), "{problem}");
    assert!(!problem.contains("bulk"), "{problem}");
    assert!(rig.admits(NORMAL, tenant(1)));
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_lifts_the_bound_after_a_while() {
    let rig = Rig::new();
    rig.wait(NORMAL, tenant(1), BOUND).await;
    rig.database.0.lock().away = true;
    tokio::time::sleep(SECOND * 3).await;
    assert!(!rig.admits(NORMAL, tenant(1)));
    tokio::time::sleep(SECOND * 3).await;
    assert!(rig.admits(NORMAL, tenant(1)));
    rig.database.0.lock().away = false;
    rig.look(NORMAL).await;
    assert!(!rig.admits(NORMAL, tenant(1)));
}

#[tokio::test(start_paused = true)]
async fn nobody_looks_while_nobody_sends() {
    let rig = Rig::new();
    tokio::time::sleep(SECOND * 60).await;
    assert_eq!(rig.looks(), 0);
    rig.wait(NORMAL, tenant(1), BOUND).await;
    assert!(!rig.admits(NORMAL, tenant(1)));
    tokio::time::sleep(SECOND * 10).await;
    let looks = rig.looks();
    tokio::time::sleep(SECOND * 600).await;
    assert_eq!(rig.looks(), looks);
}

#[tokio::test(start_paused = true)]
async fn who_comes_again_as_told_finds_the_room_there_is() {
    let rig = Rig::new();
    rig.wait(NORMAL, tenant(1), BOUND).await;
    assert!(!rig.admits(NORMAL, tenant(1)));
    rig.database.0.lock().runs.clear();
    tokio::time::sleep(SECOND).await;
    assert!(rig.admits(NORMAL, tenant(1)));
}

#[tokio::test(start_paused = true)]
async fn looks_are_seldom_while_there_is_room_and_rarer_the_more_they_count() {
    for (runs, bound, expected) in [
        (0, BOUND, 10),
        (BOUND / 2, BOUND, 50),
        (200_000, 2_000_000, 5),
        (1_000_000, 2_000_000, 1),
    ] {
        let rig = Rig::bounded(bound, LOW_BOUND);
        let counted = i64::try_from(runs).unwrap();
        rig.database.0.lock().runs.insert((NORMAL, tenant(1)), counted);
        for _ in 0..10_000 {
            drop(rig.backlog.admit(tenant(1), NORMAL));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let looks = rig.looks();
        assert!(
            (expected - expected / 10..=expected).contains(&looks),
            "{runs}: {looks}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_bound_nobody_looks_and_nothing_is_refused() {
    let rig = Rig::bounded(0, 0);
    for priority in 0..3 {
        rig.wait(priority, tenant(1), 10 * LOW_BOUND).await;
        assert!(rig.admits(priority, tenant(1)));
    }
    assert_eq!(rig.looks(), 0);
}
