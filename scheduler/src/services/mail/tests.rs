//! Sending over an embedded outbox on a clock that the test moves, to a local server in place of Resend.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicU64, Ordering::SeqCst},
};

use levqor_mail::{
    Envelope, Kind, Options, TransportOptions, enqueue,
    letters::Test,
    read::{Mail as Seen, State, list, retry},
};
use levqor_platform::testing::TestPlatform;
use levqor_testkit::{Answer, LocalServer, Recorded};

use super::*;

struct Bench {
    app: TestPlatform,
    server: LocalServer,
    context: Context,
}

impl Bench {
    async fn answering(respond: impl Fn(&Recorded) -> Answer + Send + Sync + 'static) -> Self {
        let app = TestPlatform::sqlite().await;
        let server = LocalServer::start(respond).await.unwrap();
        let context = context(&app, Some(&server.url()));
        Self { app, server, context }
    }

    async fn write(&self, key: &str, kind: Kind) {
        let platform = &self.app.platform;
        let now = platform.db.now().await.unwrap();
        let tx = platform.db.begin().await.unwrap();
        let envelope = Envelope {
            tenant: self.app.tenant,
            key: key.to_owned(),
            kind,
            to: "ada@example.org".to_owned(),
            user: None,
            attachments: Vec::new(),
        };
        let letter = Test {
            installation: "levqor.test".to_owned(),
        };
        assert!(enqueue(&tx, platform, now, envelope, &letter).await.unwrap());
        tx.commit().await.unwrap();
    }

    async fn pass(&self) -> Pace {
        Mail::default().pass(&self.context).await.unwrap()
    }

    fn go_on(&self, seconds: u64) {
        self.app.clock.advance(Duration::from_secs(seconds));
    }

    async fn mails(&self) -> Vec<Seen> {
        list(&self.app.platform.db, self.app.tenant, None, None, 100)
            .await
            .unwrap()
    }

    async fn one(&self) -> Seen {
        self.mails().await.remove(0)
    }

    fn count(&self, counter: fn(&SchedulerStats) -> &AtomicU64) -> u64 {
        counter(&self.context.stats).load(SeqCst)
    }
}

fn context(app: &TestPlatform, resend: Option<&str>) -> Context {
    let mut context = Context::of(app, 1);
    let options = |url: &str| Options {
        transport: TransportOptions::Resend {
            api_key: Some("re_secret".to_owned()),
            url: url.to_owned(),
        },
        from: levqor_mail::sender("Levqor <noreply@levqor.test>").ok(),
        unsubscribe_address: None,
    };
    context.mailer =
        resend.map(|url| Mailer::new(app.platform.clone(), &context.egress, &options(url)).unwrap());
    context
}

fn taken(_: &Recorded) -> Answer {
    Answer::json(r#"{"id":"p1"}"#)
}

#[tokio::test]
async fn a_mail_is_sent_once_and_its_text_goes() {
    let bench = Bench::answering(taken).await;
    bench.write("k", Kind::Transactional).await;
    bench.pass().await;
    bench.go_on(100_000);
    bench.pass().await;
    assert_eq!(bench.server.requests().len(), 1);
    assert_eq!(bench.one().await.state, State::Sent);
    assert_eq!(bench.count(|stats| &stats.mails_sent), 1);
    let rows = levqor_entities::mails::secure_find(bench.app.tenant);
    let row = rows.one(bench.app.platform.db.reader()).await.unwrap().unwrap();
    assert_eq!(
        (row.text, row.html, row.provider_id),
        (None, None, Some("p1".to_owned()))
    );
}

/// Leased, then the process is gone: nothing was settled.
#[tokio::test]
async fn a_mail_whose_sender_died_is_sent_after_its_lease_under_the_same_key() {
    let bench = Bench::answering(taken).await;
    bench.write("k", Kind::Transactional).await;
    let mailer = bench.context.mailer.clone().unwrap();
    let leased = mailer.lease(10).await.unwrap();
    mailer.deliver(&leased[0]).await;
    bench.go_on(59);
    bench.pass().await;
    assert_eq!(bench.server.requests().len(), 1, "the lease holds");
    bench.go_on(1);
    bench.pass().await;
    let requests = bench.server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(
        requests[0].header("idempotency-key"),
        requests[1].header("idempotency-key")
    );
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(bench.one().await.state, State::Sent);
}

/// Who was thought dead comes back after another has sent the mail.
#[tokio::test]
async fn a_late_failure_does_not_undo_what_another_sent() {
    let bench = Bench::answering(taken).await;
    bench.write("k", Kind::Transactional).await;
    let mailer = bench.context.mailer.clone().unwrap();
    let stale = mailer.lease(1).await.unwrap().remove(0);
    bench.go_on(60);
    bench.pass().await;
    mailer
        .settle(&stale, &Fate::Failed("late".to_owned()))
        .await
        .unwrap();
    assert_eq!(bench.one().await.state, State::Sent);
}

/// The times are those of `levqor_mail::MOST_TRIES`.
#[tokio::test]
async fn a_mail_that_nobody_takes_is_given_up_after_11_tries_in_17_hours() {
    let bench = Bench::answering(|_| Answer::status(500)).await;
    bench.write("k", Kind::Transactional).await;
    bench.pass().await;
    let start = bench.app.platform.db.now().await.unwrap();
    for tries in 1..11_u32 {
        let pause = 60 << (tries - 1);
        assert_eq!(
            bench.one().await.state,
            State::Queued,
            "given up after {tries} tries"
        );
        bench.go_on(pause - 1);
        bench.pass().await;
        assert_eq!(
            bench.server.requests().len(),
            tries as usize,
            "tries before {pause} s"
        );
        bench.go_on(1);
        bench.pass().await;
    }
    let end = bench.app.platform.db.now().await.unwrap();
    assert_eq!(end.since(start), Duration::from_mins(17 * 60 + 3));
    let mail = bench.one().await;
    assert_eq!((mail.state, mail.attempts), (State::Failed, 11));
    assert!(mail.reason.unwrap().contains("500"));
    assert_eq!(
        (
            bench.count(|stats| &stats.mails_failed),
            bench.count(|stats| &stats.mails_given_up)
        ),
        (10, 1)
    );
}

#[tokio::test]
async fn a_failed_mail_is_tried_anew_when_it_is_asked_for() {
    let bench = Bench::answering(|_| Answer::status(422)).await;
    bench.write("k", Kind::Transactional).await;
    bench.pass().await;
    let mail = bench.one().await;
    assert_eq!(mail.state, State::Failed);
    bench.server.respond(taken);
    let db = &bench.app.platform.db;
    let now = db.now().await.unwrap();
    let tx = db.begin().await.unwrap();
    assert!(retry(&tx, bench.app.tenant, mail.id, now).await.unwrap());
    assert!(!retry(&tx, bench.app.tenant, mail.id, now).await.unwrap());
    tx.commit().await.unwrap();
    bench.pass().await;
    assert_eq!(bench.one().await.state, State::Sent);
}

#[tokio::test]
async fn too_many_requests_make_all_mails_wait_and_count_no_try() {
    let bench = Bench::answering(|_| Answer::status(429).header("retry-after", "7")).await;
    for n in 0..12 {
        bench.write(&format!("k{n}"), Kind::Transactional).await;
    }
    assert_eq!(bench.pass().await, Pace::After(Duration::from_secs(7)));
    assert_eq!(bench.server.requests().len(), BATCH);
    assert!(
        bench
            .mails()
            .await
            .iter()
            .all(|mail| mail.attempts == 0 && mail.state == State::Queued)
    );
    bench.server.respond(taken);
    bench.go_on(7);
    while bench.pass().await == Pace::Again {}
    assert_eq!(bench.count(|stats| &stats.mails_sent), 12);
}

#[tokio::test]
async fn a_wrong_key_loses_no_mail_however_long_it_lasts() {
    let bench = Bench::answering(|_| Answer::status(401)).await;
    bench.write("k", Kind::Transactional).await;
    for _ in 0..40 {
        bench.pass().await;
        bench.go_on(3_600);
    }
    assert_eq!(bench.one().await.attempts, 0);
    bench.server.respond(taken);
    bench.pass().await;
    assert_eq!(bench.one().await.state, State::Sent);
}

#[tokio::test]
async fn without_a_transport_mails_wait() {
    let bench = Bench::answering(taken).await;
    bench.write("k", Kind::Transactional).await;
    Mail::default().pass(&context(&bench.app, None)).await.unwrap();
    assert_eq!(
        (bench.one().await.state, bench.one().await.attempts),
        (State::Queued, 0)
    );
    bench.pass().await;
    assert_eq!(bench.one().await.state, State::Sent);
}

#[tokio::test]
async fn domain_2_5_marketing_without_consent_is_refused_when_it_is_to_be_sent() {
    let bench = Bench::answering(taken).await;
    let kind = Kind::Marketing {
        scope: "newsletter".to_owned(),
        unsubscribe: "https://levqor.test/u/1".to_owned(),
    };
    bench.write("k", kind).await;
    bench.pass().await;
    let mail = bench.one().await;
    assert_eq!(mail.state, State::Refused);
    assert!(mail.reason.unwrap().contains("consent"));
    assert!(bench.server.requests().is_empty());
    assert_eq!(bench.count(|stats| &stats.mails_withheld), 1);
}

#[tokio::test]
async fn many_mails_leave_once_each() {
    let bench = Bench::answering(taken).await;
    for n in 0..30 {
        bench.write(&format!("k{n}"), Kind::Transactional).await;
    }
    let second = context(&bench.app, Some(&bench.server.url()));
    let drain =
        async |context: &Context| while Mail::default().pass(context).await.unwrap() == Pace::Again {};
    tokio::join!(drain(&bench.context), drain(&second));
    let keys = bench.server.requests();
    let keys: HashSet<_> = keys
        .iter()
        .map(|request| request.header("idempotency-key").unwrap().to_owned())
        .collect();
    assert_eq!((bench.server.requests().len(), keys.len()), (30, 30));
}
