//! Rows on their way to a Notion that keeps pages, can be busy, broken, and lose answers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{sync::Arc, time::Duration};

use levqor_egress::{Egress, Policy};
use levqor_notion::{Client, Databases, Row, Sender, Sent, collect, upsert};
use levqor_platform::testing::TestPlatform;
use levqor_testkit::{LocalNotion, Mood};
use serde_json::{Value, json};

async fn put(test: &TestPlatform, id: &str, fields: Value) {
    let db = &test.platform.db;
    let now = db.now().await.unwrap();
    let tx = db.begin().await.unwrap();
    let row = Row {
        tenant: test.tenant,
        dataset: "runs",
        external_id: id.to_owned(),
        fields: fields.as_object().unwrap().clone(),
    };
    upsert(&tx, &test.platform, now, row).await.unwrap();
    tx.commit().await.unwrap();
}

fn sender(test: &TestPlatform, notion: &LocalNotion) -> Sender {
    let egress = Egress::new(Policy {
        allow_loopback: true,
        ..Policy::default()
    });
    let client = Client::new(egress, &notion.url(), LocalNotion::TOKEN);
    Sender::new(
        test.platform.db.clone(),
        Arc::new(client),
        Databases::parse("runs=aa11,health=bb22").unwrap(),
    )
}

#[tokio::test]
async fn a_row_becomes_a_page_and_a_change_changes_it() {
    let (test, notion) = (TestPlatform::sqlite().await, LocalNotion::start().await.unwrap());
    let sender = sender(&test, &notion);
    put(&test, "run-1", json!({"name": "shop/order", "state": "running"})).await;
    assert_eq!(sender.pass().await.unwrap().synced, 1);
    assert_eq!(
        sender.pass().await.unwrap(),
        Sent::default(),
        "nothing is due any more"
    );
    put(&test, "run-1", json!({"name": "shop/order", "state": "running"})).await;
    assert_eq!(
        sender.pass().await.unwrap(),
        Sent::default(),
        "the same fields are no change"
    );
    put(
        &test,
        "run-1",
        json!({"name": "shop/order", "state": "completed"}),
    )
    .await;
    assert_eq!(sender.pass().await.unwrap().synced, 1);
    let pages = notion.pages();
    assert_eq!(pages.len(), 1);
    assert_eq!(pages[0]["State"]["select"]["name"], "completed");
}

#[tokio::test]
async fn a_page_whose_making_was_not_answered_is_found_and_not_made_twice() {
    let (test, notion) = (TestPlatform::sqlite().await, LocalNotion::start().await.unwrap());
    let sender = sender(&test, &notion);
    put(&test, "run-1", json!({"name": "one"})).await;
    notion.mood(Mood::Forgetful);
    assert_eq!(sender.pass().await.unwrap().failed, 1);
    notion.mood(Mood::Well);
    assert_eq!(notion.pages().len(), 1, "it was made all the same");
    test.clock.advance(Duration::from_hours(2));
    assert_eq!(sender.pass().await.unwrap().synced, 1);
    assert_eq!(notion.pages().len(), 1);
}

#[tokio::test]
async fn a_busy_notion_is_left_alone_for_as_long_as_it_asks() {
    let (test, notion) = (TestPlatform::sqlite().await, LocalNotion::start().await.unwrap());
    let sender = sender(&test, &notion);
    for id in ["a", "b", "c"] {
        put(&test, id, json!({"name": id})).await;
    }
    notion.mood(Mood::Busy);
    let sent = sender.pass().await.unwrap();
    assert_eq!((sent.synced, sent.failed), (0, 1), "the others are not tried");
    assert_eq!(notion.calls(), 1);
    notion.mood(Mood::Well);
    test.clock.advance(Duration::from_mins(3));
    assert_eq!(sender.pass().await.unwrap().synced, 3);
}

#[tokio::test]
async fn a_refused_row_does_not_hold_up_the_others() {
    let (test, notion) = (TestPlatform::sqlite().await, LocalNotion::start().await.unwrap());
    let sender = sender(&test, &notion);
    put(&test, "bad", json!({"name": "refuse me"})).await;
    put(&test, "good", json!({"name": "fine"})).await;
    let sent = sender.pass().await.unwrap();
    assert_eq!((sent.synced, sent.failed), (1, 1));
}

#[tokio::test]
async fn a_page_that_somebody_deleted_is_made_anew() {
    let (test, notion) = (TestPlatform::sqlite().await, LocalNotion::start().await.unwrap());
    let sender = sender(&test, &notion);
    put(&test, "run-1", json!({"name": "one"})).await;
    sender.pass().await.unwrap();
    notion.delete_all();
    put(&test, "run-1", json!({"name": "two"})).await;
    assert_eq!(sender.pass().await.unwrap().synced, 1);
    assert_eq!(notion.pages()[0]["Name"]["title"][0]["text"]["content"], "two");
}

async fn collected(test: TestPlatform) {
    let first = collect(&test.platform).await.unwrap();
    assert!(first >= 4, "{first}");
    assert_eq!(collect(&test.platform).await.unwrap(), first);
    let rows = levqor_entities::notion_rows::secure_find(levqor_processes::SYSTEM);
    let rows = rows.all(test.platform.db.reader()).await.unwrap();
    assert_eq!(rows.len(), 4, "a repeat in the same hour adds no row");
}

#[tokio::test]
async fn what_the_installation_knows_of_itself_is_collected_once_an_hour_on_sqlite() {
    collected(TestPlatform::sqlite().await).await;
}

#[tokio::test]
async fn what_the_installation_knows_of_itself_is_collected_once_an_hour_on_postgres() {
    let server = levqor_testkit::Postgres::shared().await.unwrap();
    let url = server.create_database().await.unwrap();
    collected(TestPlatform::postgres(&url).await.unwrap()).await;
}
