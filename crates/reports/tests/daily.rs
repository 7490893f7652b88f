//! The operator's daily summary over real databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use levqor_entities::mails;
use levqor_platform::testing::TestPlatform;
use levqor_reports::{Scope, daily};
use levqor_status::{Component, Snapshot, State, record};
use levqor_store::Timestamp;

const DAY: Duration = Duration::from_hours(24);

fn scope(test: &TestPlatform) -> Scope<'_> {
    Scope {
        platform: &test.platform,
        tenant: test.tenant,
        installation: true,
    }
}

/// The whole day before now in two snapshots, with the database in this state in the second half.
async fn measured(test: &TestPlatform, later: State) {
    let now = test.platform.db.now().await.unwrap();
    let (day, half) = (86_400_000_000, 43_200_000_000);
    let from = (now.0.div_euclid(day) - 1) * day;
    for (slot, state) in [(from, State::Operational), (from + half, later)] {
        let snapshot = Snapshot {
            slot: Timestamp(slot),
            length: half,
            at: Timestamp(slot),
            components: vec![Component::new("database", state).because("does not answer")],
        };
        assert!(record(&test.platform, &snapshot).await.unwrap().new);
    }
}

async fn told(test: &TestPlatform) -> Vec<mails::Model> {
    let here = test.platform.db.now().await.unwrap();
    assert!(daily(scope(test), here).await.unwrap());
    let all = mails::secure_find(test.tenant)
        .all(test.platform.db.reader())
        .await;
    all.unwrap()
}

async fn once_a_day(test: TestPlatform) {
    measured(&test, State::Down).await;
    let first = told(&test).await;
    assert_eq!(told(&test).await.len(), 1, "a repeat writes none");
    let mail = &first[0];
    assert_eq!(
        (mail.recipient.as_str(), mail.template.as_str()),
        ("ops@levqor.test", "daily_summary")
    );
    let (plain, html) = (mail.text.clone().unwrap(), mail.html.clone().unwrap());
    for said in [
        "Uptime of the day: 50.00 % of the 100.00 % that was measured",
        "Accepted: 0",
        "Runs that a worker could take: 0",
        "Sent: 0",
        "Last certificate: none yet",
        "* No retention sweep was certified",
        "* Database does not answer.",
    ] {
        assert!(plain.contains(said), "{said}: {plain}");
    }
    assert!(
        html.contains("<th scope=\"row\"") && html.contains("To look at"),
        "{html}"
    );
    assert!(!plain.contains("clocks"), "{plain}");
}

#[tokio::test]
async fn the_operator_is_told_of_a_day_once_on_sqlite() {
    once_a_day(TestPlatform::sqlite().await).await;
}

#[tokio::test]
async fn the_operator_is_told_of_a_day_once_on_postgres() {
    let server = levqor_testkit::Postgres::shared().await.unwrap();
    let url = server.create_database().await.unwrap();
    once_a_day(TestPlatform::postgres(&url).await.unwrap()).await;
}

#[tokio::test]
async fn each_day_has_its_mail_and_its_warnings() {
    let mut test = TestPlatform::sqlite().await;
    test.platform.public_url = Some("http://levqor.test".into());
    let first = told(&test).await;
    let plain = first[0].text.clone().unwrap();
    assert!(plain.contains("Only 0.00 % of the day was measured"), "{plain}");
    assert!(plain.contains("* public_url is not https"), "{plain}");
    assert!(first[0].subject.ends_with(" warnings"), "{}", first[0].subject);
    test.clock.advance(DAY);
    assert_eq!(told(&test).await.len(), 2);
}

#[tokio::test]
async fn clocks_that_disagree_are_named() {
    let test = TestPlatform::sqlite().await;
    let now = test.platform.db.now().await.unwrap();
    assert!(
        daily(scope(&test), now.after(Duration::from_secs(90)))
            .await
            .unwrap()
    );
    let mail = mails::secure_find(test.tenant)
        .one(test.platform.db.reader())
        .await;
    let plain = mail.unwrap().unwrap().text.unwrap();
    assert!(plain.contains("are 90 s apart"), "{plain}");
}

#[tokio::test]
async fn without_an_operator_nobody_is_told() {
    let mut test = TestPlatform::sqlite().await;
    test.platform.operator_mail = None;
    let now = test.platform.db.now().await.unwrap();
    assert!(!daily(scope(&test), now).await.unwrap());
}
