//! Slots on a clock that the test turns, and parts that are taken away.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use levqor_platform::testing::TestPlatform;
use levqor_queue::{Hint, Queue, QueueError};
use levqor_status::{State, status as told};
use levqor_store::{WorkerId, WorkerInfo};
use levqor_testkit::{Answer, LocalServer};
use uuid::Uuid;

use super::*;
use crate::seen::Seen;

const FIVE: Duration = Duration::from_mins(5);

struct Bench {
    app: TestPlatform,
    context: Context,
    service: Status,
}

/// Has settled.
fn settled() -> Status {
    Status {
        from: Some(Instant::now()),
        ..Status::default()
    }
}

impl Bench {
    async fn of(mut app: TestPlatform) -> Self {
        app.platform.public_url = None;
        let info = WorkerInfo {
            name: "test".to_owned(),
            version: "1".to_owned(),
            slots: 8,
        };
        app.store
            .register_worker(WorkerId(Uuid::from_u128(1)), &info)
            .await
            .unwrap();
        let context = Context::of(&app, 1);
        Self {
            app,
            context,
            service: settled(),
        }
    }

    /// With the clock read anew, as three seconds later.
    async fn pass(&mut self) {
        self.context.seen = Seen::default();
        let pace = self.service.pass(&self.context).await.unwrap();
        assert!(matches!(pace, Pace::After(pause) if pause <= LOOK), "{pace:?}");
    }

    async fn next(&mut self) {
        self.app.clock.advance(FIVE);
        self.pass().await;
    }

    async fn state(&self, component: &str) -> State {
        let told = told(&self.app.platform.db).await.unwrap();
        let found = told.components.iter().find(|found| found.name == component);
        found.unwrap_or_else(|| panic!("{told:?}")).state
    }

    async fn measured(&self) -> i64 {
        let told = told(&self.app.platform.db).await.unwrap();
        told.uptime[0].measured
    }
}

/// A queue that can be taken away.
#[derive(Default)]
struct Broken(AtomicBool);

#[async_trait]
impl Queue for Broken {
    async fn push(&self, _: i16, _: &[Hint]) -> Result<u64, QueueError> {
        Ok(0)
    }

    async fn fetch(&self, _: usize, _: Duration) -> Result<Vec<Hint>, QueueError> {
        Ok(Vec::new())
    }

    async fn depth(&self) -> Result<u64, QueueError> {
        Ok(0)
    }

    async fn ping(&self) -> Result<(), QueueError> {
        if self.0.load(SeqCst) {
            Err(QueueError("taken away".to_owned()))
        } else {
            Ok(())
        }
    }
}

#[tokio::test]
async fn a_slot_is_measured_once_whoever_leads() {
    let mut bench = Bench::of(TestPlatform::sqlite().await).await;
    bench.pass().await;
    let first = told(&bench.app.platform.db).await.unwrap();
    assert_eq!(first.state, State::Operational, "{first:?}");
    bench.app.clock.advance(Duration::from_mins(1));
    bench.pass().await;
    // Another leader, in the same slot.
    bench.service = settled();
    bench.pass().await;
    let again = told(&bench.app.platform.db).await.unwrap();
    assert_eq!(again.measured_at, first.measured_at);
    bench.next().await;
    let next = told(&bench.app.platform.db).await.unwrap();
    assert!(next.measured_at > first.measured_at);
}

#[tokio::test]
async fn slots_that_nobody_measured_are_not_uptime() {
    let mut bench = Bench::of(TestPlatform::sqlite().await).await;
    bench.pass().await;
    bench.app.clock.advance(FIVE * 12);
    bench.pass().await;
    bench.app.clock.advance(FIVE);
    let five = i64::try_from(FIVE.as_micros()).unwrap();
    assert_eq!(bench.measured().await, 2 * five);
    let told = told(&bench.app.platform.db).await.unwrap();
    assert_eq!(told.uptime[0].up(), Some(1.0));
    assert!(told.uptime[0].coverage() < 0.01);
}

async fn everything_works(app: TestPlatform) {
    let mut bench = Bench::of(app).await;
    bench.pass().await;
    for component in [
        "api",
        "database",
        "queue",
        "workers",
        "backlog",
        "schedules",
        "objects",
    ] {
        assert_eq!(bench.state(component).await, State::Operational, "{component}");
    }
    assert_eq!(bench.state("mail").await, State::Unknown, "no mail is configured");
    let told = told(&bench.app.platform.db).await.unwrap();
    let workers = told
        .components
        .iter()
        .find(|found| found.name == "workers")
        .unwrap();
    assert_eq!((workers.figures["alive"], workers.figures["slots"]), (1, 8));
}

#[tokio::test]
async fn real_parts_are_asked_on_sqlite() {
    everything_works(TestPlatform::sqlite().await).await;
}

#[tokio::test]
async fn real_parts_are_asked_on_postgres() {
    let server = levqor_testkit::Postgres::shared().await.unwrap();
    let url = server.create_database().await.unwrap();
    everything_works(TestPlatform::postgres(&url).await.unwrap()).await;
}

#[tokio::test]
async fn a_queue_that_is_taken_away_is_an_incident_and_ends_when_it_is_back() {
    let mut bench = Bench::of(TestPlatform::sqlite().await).await;
    let queue = std::sync::Arc::new(Broken::default());
    bench.context.queue = queue.clone();
    bench.pass().await;
    queue.0.store(true, SeqCst);
    bench.next().await;
    let told_of = async |bench: &Bench| told(&bench.app.platform.db).await.unwrap();
    let found = told_of(&bench).await;
    assert_eq!((found.state, found.incidents.len()), (State::Degraded, 0));
    bench.next().await;
    let found = told_of(&bench).await;
    assert_eq!(found.incidents[0].incident.title, "Queue: down");
    assert_eq!(found.incidents.len(), 1, "{found:?}");
    queue.0.store(false, SeqCst);
    bench.next().await;
    bench.next().await;
    let found = told_of(&bench).await;
    assert_eq!(found.state, State::Operational);
    assert!(found.incidents[0].incident.closed_at.is_some(), "{found:?}");
}

#[tokio::test]
async fn the_api_is_asked_by_its_public_url() {
    let server = LocalServer::start(|request| match request.path.as_str() {
        "/good/health/ready" => Answer::json(r#"{"ready":true,"database":"ok","queue":"failed"}"#),
        _ => Answer::status(503).body(r#"{"ready":false,"database":"failed","queue":"ok"}"#),
    })
    .await
    .unwrap();
    let mut bench = Bench::of(TestPlatform::sqlite().await).await;
    for (path, state) in [("good", State::Operational), ("bad", State::Down)] {
        bench.context.platform.public_url = Some(format!("{}/{path}", server.url()).into());
        bench.next().await;
        assert_eq!(bench.state("api").await, state, "{path}");
    }
    // An address that the policy of outgoing calls refuses proves nothing.
    bench.context.platform.public_url = Some("http://10.0.0.1".into());
    bench.next().await;
    assert_eq!(bench.state("api").await, State::Unknown);
}

#[tokio::test]
async fn an_outage_of_the_database_is_told_once_it_is_over() {
    let server = levqor_testkit::Postgres::start().await.unwrap();
    let url = server.create_database().await.unwrap();
    let mut bench = Bench::of(TestPlatform::postgres(&url).await.unwrap()).await;
    bench.context.options.status_interval = Duration::from_secs(1);
    bench.pass().await;
    server.stop().await.unwrap();
    // Slots pass by the process's own clock while the database is away.
    let patience = Instant::now() + Duration::from_mins(3);
    while bench.service.unwritten.len() < 2 {
        assert!(Instant::now() < patience, "nothing was measured");
        let away = bench.service.pass(&bench.context).await;
        assert!(away.is_err() || bench.service.unwritten.is_empty());
        tokio::task::yield_now().await;
    }
    server.start_again().await.unwrap();
    while bench.service.pass(&bench.context).await.is_err() {
        assert!(Instant::now() < patience, "the database does not come back");
        tokio::task::yield_now().await;
    }
    let told = told(&bench.app.platform.db).await.unwrap();
    assert!(told.uptime[0].down > 0, "{told:?}");
    assert!(
        told.incidents
            .iter()
            .any(|told| told.incident.title == "Database: down"),
        "{told:?}"
    );
}

#[tokio::test]
async fn an_interval_of_zero_measures_nothing() {
    let mut bench = Bench::of(TestPlatform::sqlite().await).await;
    bench.context.options.status_interval = Duration::ZERO;
    assert_eq!(
        bench.service.pass(&bench.context).await.unwrap(),
        Pace::After(OFF)
    );
    assert_eq!(told(&bench.app.platform.db).await.unwrap().measured_at, None);
}
