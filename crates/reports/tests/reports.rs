//! Reports over a real database, in their whole way.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use levqor_entities::mails;
use levqor_platform::testing::TestPlatform;
use levqor_reports::{
    Kind, NewReport, Period, Report, ReportError, ReportId, Scope, State, find, list, mail, object_key,
    order, render, week_before,
};
use levqor_store::{TenantId, Timestamp};
use uuid::Uuid;

fn scope(test: &TestPlatform) -> Scope<'_> {
    Scope {
        platform: &test.platform,
        tenant: test.tenant,
        installation: false,
    }
}

fn new(kind: Kind, key: &str) -> NewReport {
    NewReport {
        key: key.to_owned(),
        kind,
        period: week_before(Timestamp(1_769_860_800_000_000)),
        mail_to: Some("ops@acme.test".to_owned()),
    }
}

async fn ordered(test: &TestPlatform, kind: Kind) -> Report {
    order(&test.platform, test.tenant, new(kind, "one"))
        .await
        .unwrap()
}

async fn whole_way(test: TestPlatform) {
    for (kind, key) in [(Kind::Operations, "o"), (Kind::Evidence, "e")] {
        let report = order(&test.platform, test.tenant, new(kind, key)).await.unwrap();
        assert_eq!(report.state, State::Queued);
        let ready = render(scope(&test), report.id).await.unwrap();
        assert_eq!(ready.state, State::Ready);
        assert!(ready.pages.unwrap() >= 1);
        let file = test
            .platform
            .objects
            .get(&object_key(report.id).unwrap())
            .await
            .unwrap()
            .unwrap();
        assert!(file.starts_with(b"%PDF-1.7"));
        assert_eq!(ready.size, Some(i64::try_from(file.len()).unwrap()));
        assert_eq!(
            render(scope(&test), report.id).await.unwrap(),
            ready,
            "a repeat changes nothing"
        );
        assert!(mail(scope(&test), report.id).await.unwrap());
        assert!(mail(scope(&test), report.id).await.unwrap());
    }
    let mails = mails::secure_find(test.tenant)
        .all(test.platform.db.reader())
        .await
        .unwrap();
    assert_eq!(mails.len(), 2, "one mail a report, however often it is asked for");
    assert!(mails[0].attachments.contains("application/pdf"));
}

#[tokio::test]
async fn a_report_is_ordered_written_stored_and_mailed_once_on_sqlite() {
    whole_way(TestPlatform::sqlite().await).await;
}

#[tokio::test]
async fn a_report_is_ordered_written_stored_and_mailed_once_on_postgres() {
    let server = levqor_testkit::Postgres::shared().await.unwrap();
    let url = server.create_database().await.unwrap();
    whole_way(TestPlatform::postgres(&url).await.unwrap()).await;
}

#[tokio::test]
async fn one_key_is_one_report() {
    let test = TestPlatform::sqlite().await;
    let one = ordered(&test, Kind::Operations).await;
    assert_eq!(ordered(&test, Kind::Operations).await.id, one.id);
    let other = order(&test.platform, test.tenant, new(Kind::Operations, "two"))
        .await
        .unwrap();
    assert_ne!(other.id, one.id);
    let db = &test.platform.db;
    let listed = list(db, test.tenant, None, 10).await.unwrap();
    assert_eq!(
        listed.iter().map(|report| report.id).collect::<Vec<_>>(),
        [other.id, one.id]
    );
    assert_eq!(list(db, test.tenant, Some(other.id), 10).await.unwrap(), [one]);
}

#[tokio::test]
async fn another_tenant_has_no_report_of_this_one() {
    let test = TestPlatform::sqlite().await;
    let report = ordered(&test, Kind::Operations).await;
    let stranger = TenantId(Uuid::from_u128(7));
    assert_eq!(find(&test.platform.db, stranger, report.id).await.unwrap(), None);
    let theirs = Scope {
        tenant: stranger,
        ..scope(&test)
    };
    assert!(matches!(
        render(theirs, report.id).await,
        Err(ReportError::Unknown)
    ));
    assert!(matches!(
        mail(scope(&test), ReportId(Uuid::nil())).await,
        Err(ReportError::Unknown)
    ));
}

#[tokio::test]
async fn the_same_figures_give_the_same_file() {
    let (one, two) = (TestPlatform::sqlite().await, TestPlatform::sqlite().await);
    let mut digests = Vec::new();
    for test in [&one, &two] {
        let report = ordered(test, Kind::Operations).await;
        digests.push(render(scope(test), report.id).await.unwrap().sha256.unwrap());
    }
    assert_eq!(digests[0], digests[1]);
}

#[tokio::test]
async fn an_order_without_an_address_is_mailed_to_nobody() {
    let test = TestPlatform::sqlite().await;
    let quiet = NewReport {
        mail_to: None,
        period: Period {
            from: Timestamp(0),
            to: Timestamp(86_400_000_000),
        },
        ..new(Kind::Operations, "quiet")
    };
    let report = order(&test.platform, test.tenant, quiet).await.unwrap();
    render(scope(&test), report.id).await.unwrap();
    assert!(!mail(scope(&test), report.id).await.unwrap());
    let none = mails::secure_find(test.tenant)
        .one(test.platform.db.reader())
        .await
        .unwrap();
    assert_eq!(none, None);
}
