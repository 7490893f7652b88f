//! Delivery and giving up, over an embedded store on a clock that the test moves, and a receiver on loopback.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use levqor_egress::{Egress, Policy};
use levqor_platform::testing::TestPlatform;
use levqor_store::{
    ClaimRequest, Clock, End, EndState, NewOutbox, RetentionClass, WorkerId, WorkerInfo, WorkflowId,
    WriteFate,
};
use levqor_testkit::{Answer, LocalServer};
use uuid::Uuid;

use super::*;
/// A run that ended with these messages, and the service that sends them.
struct Bench {
    context: Context,
    app: TestPlatform,
}

impl Bench {
    async fn with(outbox: Vec<NewOutbox>) -> Self {
        let app = TestPlatform::sqlite().await;
        end_run(&app, outbox).await;
        let holder = WorkerId(Uuid::from_u128(9));
        let term = app
            .store
            .lead(holder, Duration::from_secs(3))
            .await
            .unwrap()
            .unwrap();
        let mut context = Context::of(&app, term);
        context.signer = Some(Signer::new([7; 32]));
        Self { context, app }
    }

    async fn pass(&self) {
        Outbox::default().pass(&self.context).await.unwrap();
    }

    fn go_on(&self, seconds: u64) {
        self.app.clock.advance(Duration::from_secs(seconds));
    }

    /// Whether a row is left, however far its next try is away.
    async fn has_more(&self) -> bool {
        self.go_on(7_200);
        let rows = self.app.store.lease_outbox(self.context.term, 1).await.unwrap();
        !rows.is_empty()
    }

    fn count(&self, counter: fn(&SchedulerStats) -> &AtomicU64) -> u64 {
        counter(&self.context.stats).load(SeqCst)
    }

    fn given_up(&self) -> u64 {
        self.count(|stats| &stats.callbacks_given_up)
    }
}

async fn end_run(app: &TestPlatform, outbox: Vec<NewOutbox>) {
    let (store, run) = (&app.store, app.new_run(WorkflowId(Uuid::nil()), 1));
    let worker = WorkerId(Uuid::from_u128(2));
    let info = WorkerInfo {
        name: "test".into(),
        slots: 1,
        version: "0".into(),
    };
    let wanted = ClaimRequest {
        run: run.id,
        epoch: 0,
        token: Uuid::from_u128(3),
    };
    let end = End {
        run: run.id,
        epoch: 1,
        seq: 0,
        inbox: 0,
        state: EndState::Completed,
        class: RetentionClass::Standard,
        output: Some(b"{}".to_vec()),
        error: None,
        journal: b"[]".to_vec(),
        outbox,
        usage: levqor_store::Usage::default(),
    };
    store.intake(Uuid::from_u128(4), &[run]).await.unwrap();
    store.register_worker(worker, &info).await.unwrap();
    assert_eq!(store.claim(worker, &[wanted]).await.unwrap().len(), 1);
    assert_eq!(store.end(&[end]).await.unwrap(), [WriteFate::Committed]);
}

fn callback(to: &LocalServer) -> NewOutbox {
    NewOutbox {
        kind: OutboxKind::Callback,
        target: Some(to.url()),
        body: b"{}".to_vec(),
    }
}

async fn receiver(status: u16) -> LocalServer {
    LocalServer::start(move |_| Answer::status(status)).await.unwrap()
}

/// The times are those of [`MOST_TRIES`].
#[tokio::test]
async fn a_callback_that_nobody_takes_is_given_up_after_30_tries_in_30_hours() {
    let server = receiver(500).await;
    let bench = Bench::with(vec![callback(&server)]).await;
    let start = bench.app.clock.now();
    bench.pass().await;
    for tries in 1..30 {
        let pause = 10 << (tries - 1).min(9);
        assert_eq!(bench.given_up(), 0, "given up after {tries} tries");
        bench.go_on(pause - 1);
        bench.pass().await;
        assert_eq!(
            server.requests().len(),
            tries,
            "tries before {pause} s have gone by"
        );
        bench.go_on(1);
        bench.pass().await;
    }
    assert_eq!(server.requests().len(), 30);
    assert_eq!(bench.app.clock.now().since(start), Duration::from_secs(107_510));
    assert_eq!(bench.given_up(), 1);
    assert_eq!(bench.count(|stats| &stats.callbacks_failed), 30);
    assert!(!bench.has_more().await);
}

#[tokio::test]
async fn an_address_that_policy_refuses_is_given_up_at_once() {
    let server = receiver(200).await;
    let mut bench = Bench::with(vec![callback(&server)]).await;
    bench.context.egress = Egress::new(Policy::default());
    bench.pass().await;
    assert_eq!(bench.given_up(), 1);
    assert!(!bench.has_more().await);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn without_a_secret_key_a_callback_waits_for_one_however_long() {
    let server = receiver(200).await;
    let mut bench = Bench::with(vec![callback(&server)]).await;
    let signer = bench.context.signer.take();
    for _ in 0..40 {
        bench.pass().await;
        bench.go_on(7_200);
    }
    assert!(server.requests().is_empty());
    bench.context.signer = signer;
    bench.pass().await;
    assert_eq!(server.requests().len(), 1);
    assert_eq!(
        (bench.given_up(), bench.count(|stats| &stats.callbacks_sent)),
        (0, 1)
    );
    assert!(!bench.has_more().await);
}

#[tokio::test]
async fn an_event_that_is_no_cloud_event_is_given_up_and_holds_nothing_back() {
    let server = receiver(200).await;
    let event = NewOutbox {
        kind: OutboxKind::Event,
        target: None,
        body: b"{\"id\":\"1\"}".to_vec(),
    };
    let bench = Bench::with(vec![event, callback(&server)]).await;
    bench.pass().await;
    assert!(server.requests().is_empty(), "the younger message went first");
    bench.pass().await;
    assert_eq!(server.requests().len(), 1);
    assert_eq!(bench.given_up(), 0);
    assert!(!bench.has_more().await);
}
