//! Decisions on a clock that the test turns, and on Postgres' own.

use levqor_platform::testing::TestPlatform;
use levqor_store::{
    ClaimRequest, End, EndState, NewRun, NewWorkflow, RetentionClass, RunId, Usage, WorkerId, WorkerInfo,
    WorkflowId,
};
use uuid::Uuid;

use super::*;
use crate::seen::Seen;

const WORKER: WorkerId = WorkerId(Uuid::from_u128(1));
const WORKFLOW: WorkflowId = WorkflowId(Uuid::from_u128(2));

/// An hour of waiting costs 3,600 minor units.
const DOCUMENT: &[u8] = br#"{"document":{"metadata":{"levqor.value":{"amount":5,"currency":"GBP","delay_cost_per_hour":3600,"deadline":600}}}}"#;

struct Bench {
    app: TestPlatform,
    context: Context,
    service: Autoscale,
}

impl Bench {
    /// One worker with two slots, and no run.
    async fn of(app: TestPlatform) -> Self {
        let info = WorkerInfo {
            name: "test".to_owned(),
            version: "1".to_owned(),
            slots: 2,
        };
        app.store.register_worker(WORKER, &info).await.unwrap();
        let workflow = NewWorkflow {
            id: WORKFLOW,
            tenant: app.tenant,
            namespace: "test".to_owned(),
            name: "dear".to_owned(),
            version: "1.0.0".to_owned(),
            hash: [1; 32],
            document: DOCUMENT.to_vec(),
            schedule: None,
        };
        app.store.put_workflow(&workflow).await.unwrap();
        let holder = WorkerId(app.platform.ids.uuid_v7());
        let term = app.store.lead(holder, Duration::from_mins(10)).await.unwrap();
        let context = Context::of(&app, term.unwrap());
        Self {
            app,
            context,
            service: Autoscale::default(),
        }
    }

    /// With the clock read anew, as three seconds later.
    async fn pass(&mut self) {
        self.context.seen = Seen::default();
        self.service.pass(&self.context).await.unwrap();
    }

    /// The next look.
    async fn next(&mut self) -> Decision {
        self.app.clock.advance(Duration::from_secs(15));
        self.pass().await;
        self.told().unwrap()
    }

    fn told(&self) -> Option<Decision> {
        self.context.stats.autoscaler.lock().clone()
    }

    async fn kept(&self) -> Vec<Decided> {
        self.app.platform.db.decisions(None, 1_000).await.unwrap()
    }

    async fn accept(&self, runs: usize) -> Vec<RunId> {
        let new = || self.app.new_run(WORKFLOW, 1);
        let runs: Vec<NewRun> = std::iter::repeat_with(new).take(runs).collect();
        let token = self.app.platform.ids.uuid_v7();
        self.app.store.intake(token, &runs).await.unwrap();
        runs.iter().map(|run| run.id).collect()
    }

    /// They ran ten seconds each.
    async fn end(&self, runs: &[RunId]) {
        let wanted = |run: &RunId| ClaimRequest {
            run: *run,
            epoch: 0,
            token: self.app.platform.ids.uuid_v7(),
        };
        let wanted: Vec<ClaimRequest> = runs.iter().map(wanted).collect();
        self.app.store.claim(WORKER, &wanted).await.unwrap();
        let ended = |run: &RunId| End {
            run: *run,
            epoch: 1,
            seq: 0,
            inbox: 0,
            state: EndState::Completed,
            class: RetentionClass::Standard,
            output: None,
            error: None,
            journal: b"[]".to_vec(),
            outbox: Vec::new(),
            usage: Usage {
                worker_us: 10_000_000,
                ..Usage::default()
            },
        };
        let ends: Vec<End> = runs.iter().map(ended).collect();
        self.app.store.end(&ends).await.unwrap();
    }
}

fn normal(decision: &Decision) -> &levqor_autoscaler::ClassInputs {
    &decision.inputs.classes[1]
}

/// What was written down is what was decided, and follows from its inputs.
async fn recomputed(bench: &Bench) {
    for row in bench.kept().await {
        let decision: Decision = serde_json::from_str(&row.decision).unwrap();
        assert!(decision.follows(), "{}", row.decision);
        assert_eq!(
            (row.desired, row.reason.as_str(), row.term),
            (
                decision.desired.into(),
                decision.reason.code(),
                bench.context.term
            )
        );
    }
}

#[tokio::test]
async fn a_backlog_asks_for_workers_and_its_end_for_the_fewest_after_the_window() {
    let mut bench = Bench::of(TestPlatform::sqlite().await).await;
    bench.pass().await;
    assert!(bench.told().is_none(), "nothing was seen over a known time");
    let runs = bench.accept(400).await;
    let busy = bench.next().await;
    assert_eq!(busy.desired, 10, "{busy:?}");
    assert_eq!((normal(&busy).waiting, busy.inputs.fleet.slots), (400, 2));
    assert_eq!(normal(&busy).delay_micros_per_s, 1_000_000);
    assert_eq!(normal(&busy).margin_micros, 5_000_000);
    let later = bench.next().await;
    assert_eq!(later.inputs.fleet.starting_s.len(), 9, "{later:?}");
    bench.end(&runs).await;
    let mut last = bench.next().await;
    assert!((normal(&last).service_mean_s - 10.0).abs() < 0.1, "{last:?}");
    // Five minutes of the window, and a little for estimates to forget.
    for _ in 0..60 {
        last = bench.next().await;
    }
    assert_eq!(last.desired, 1, "{last:?}");
    assert_eq!(bench.kept().await.len(), 63);
    recomputed(&bench).await;
}

#[tokio::test]
async fn between_two_looks_nothing_is_decided_and_a_turned_clock_brings_one_look() {
    let mut bench = Bench::of(TestPlatform::sqlite().await).await;
    bench.pass().await;
    bench.next().await;
    bench.pass().await;
    assert_eq!(bench.kept().await.len(), 1);
    bench.app.clock.advance(Duration::from_hours(3));
    bench.pass().await;
    assert_eq!(bench.kept().await.len(), 2);
}

#[tokio::test]
async fn what_is_off_decides_nothing_and_lets_no_counts_pile_up() {
    let mut bench = Bench::of(TestPlatform::sqlite().await).await;
    bench.context.options.autoscaling.on = false;
    bench.pass().await;
    bench.accept(3).await;
    bench.app.clock.advance(Duration::from_secs(15));
    bench.pass().await;
    assert!(bench.told().is_none() && bench.kept().await.is_empty());
    assert_eq!(bench.app.platform.db.take_flow().await.unwrap(), []);
}

#[tokio::test]
async fn a_leader_whose_term_is_over_decides_nothing() {
    let mut bench = Bench::of(TestPlatform::sqlite().await).await;
    bench.pass().await;
    bench.context.term += 1;
    bench.app.clock.advance(Duration::from_secs(15));
    bench.context.seen = Seen::default();
    let refused = bench.service.pass(&bench.context).await;
    assert!(matches!(refused, Err(StoreError::NotLeader(_))), "{refused:?}");
    assert!(bench.told().is_none() && bench.kept().await.is_empty());
}

#[tokio::test]
async fn decisions_on_postgres_are_kept_and_made_again() {
    let server = levqor_testkit::Postgres::shared().await.unwrap();
    let url = server.create_database().await.unwrap();
    let mut bench = Bench::of(TestPlatform::postgres(&url).await.unwrap()).await;
    // Its clock is its own: every pass is a look.
    bench.context.options.autoscaling.settings.interval_s = 1e-6;
    bench.pass().await;
    let runs = bench.accept(400).await;
    bench.pass().await;
    let busy = bench.told().unwrap();
    assert_eq!((busy.desired, normal(&busy).waiting), (10, 400), "{busy:?}");
    bench.end(&runs).await;
    bench.pass().await;
    let idle = bench.told().unwrap();
    assert_eq!((normal(&idle).waiting, normal(&idle).running), (0, 0));
    assert!((normal(&idle).service_mean_s - 10.0).abs() < 0.1, "{idle:?}");
    recomputed(&bench).await;
}
