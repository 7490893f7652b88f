//! Snapshots, incidents and what people are told, over real databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use levqor_platform::testing::TestPlatform;
use levqor_status::{
    Component, Impact, IncidentId, OperatorError, Snapshot, State, close, note, open, record, recorded, slot,
    status, uptime, write_and_read,
};
use levqor_store::Timestamp;
use uuid::Uuid;

const LENGTH: Duration = Duration::from_mins(5);

/// A snapshot of the slot that lies so many slots before now, with a queue in this state and a database that works.
async fn snapshot(test: &TestPlatform, before: i64, queue: State) -> Snapshot {
    let length = i64::try_from(LENGTH.as_micros()).unwrap();
    let now = test.platform.db.now().await.unwrap();
    let at = slot(Timestamp(now.0 - before * length), LENGTH);
    Snapshot {
        slot: at,
        length,
        at,
        components: vec![
            Component::new("database", State::Operational).with("round_trip_ms", 1),
            Component::new("queue", queue),
        ],
    }
}

async fn seen(test: &TestPlatform, before: i64, queue: State) -> (Vec<String>, Vec<String>) {
    let found = record(&test.platform, &snapshot(test, before, queue).await)
        .await
        .unwrap();
    assert!(found.new);
    (found.opened, found.closed)
}

async fn whole_way(test: TestPlatform) {
    let none = (vec![], vec![]);
    assert_eq!(seen(&test, 5, State::Operational).await, none);
    assert_eq!(seen(&test, 4, State::Down).await, none, "one may be an accident");
    assert_eq!(
        seen(&test, 3, State::Down).await,
        (vec!["Queue: down".to_owned()], vec![])
    );
    assert_eq!(seen(&test, 2, State::Operational).await, none);
    let told = status(&test.platform.db).await.unwrap();
    assert_eq!(told.state, State::Unknown, "the last snapshot is old");
    assert_eq!(told.incidents.len(), 1);
    assert_eq!(told.incidents[0].incident.closed_at, None);
    assert_eq!(
        seen(&test, 1, State::Operational).await,
        (vec![], vec!["Queue: down".to_owned()])
    );
    assert_eq!(seen(&test, 0, State::Operational).await, none);
    let told = status(&test.platform.db).await.unwrap();
    assert_eq!((told.state, told.components.len()), (State::Operational, 2));
    assert_eq!(told.components[0].figures["round_trip_ms"], 1);
    let incident = &told.incidents[0].incident;
    assert_eq!(
        incident.closed_at.unwrap().0 - incident.opened_at.0,
        2 * i64::try_from(LENGTH.as_micros()).unwrap(),
        "from the first bad one to the first good one"
    );
    let day = told.uptime[0];
    assert_eq!(day.up(), Some(1.0), "a queue that is away stops nothing for good");
    assert!(day.good().unwrap() < 1.0 && day.coverage() < 0.03, "{day:?}");
}

async fn a_slot_has_one(test: TestPlatform) {
    let first = snapshot(&test, 1, State::Operational).await;
    assert!(!recorded(&test.platform.db, first.slot).await.unwrap());
    assert!(record(&test.platform, &first).await.unwrap().new);
    assert!(recorded(&test.platform.db, first.slot).await.unwrap());
    let second = snapshot(&test, 1, State::Down).await;
    assert!(!record(&test.platform, &second).await.unwrap().new);
    // Two leaders that measure the next slot at once.
    let next = snapshot(&test, 0, State::Down).await;
    let (one, two) = tokio::join!(record(&test.platform, &next), record(&test.platform, &next));
    assert_ne!(one.unwrap().new, two.unwrap().new);
    let now = test.platform.db.now().await.unwrap();
    let found = uptime(&test.platform.db, first.slot, now).await.unwrap();
    assert_eq!(found.down, 0, "the first word stands: {found:?}");
}

async fn operators_have_a_word(test: TestPlatform) {
    let platform = &test.platform;
    seen(&test, 0, State::Operational).await;
    let id = open(platform, "Moving to another data centre", Impact::Degraded)
        .await
        .unwrap();
    note(platform, id, "We begin.").await.unwrap();
    let told = status(&platform.db).await.unwrap();
    assert_eq!(told.state, State::Degraded, "an operator's word counts");
    close(platform, id, Some("We are there.")).await.unwrap();
    assert!(matches!(
        close(platform, id, None).await,
        Err(OperatorError::Closed)
    ));
    let told = status(&platform.db).await.unwrap();
    assert_eq!(told.state, State::Operational);
    let notes: Vec<&str> = told.incidents[0]
        .notes
        .iter()
        .map(|note| note.text.as_str())
        .collect();
    assert_eq!(notes, ["We begin.", "We are there."]);
    let stranger = IncidentId(Uuid::nil());
    assert!(matches!(
        note(platform, stranger, "x").await,
        Err(OperatorError::Unknown)
    ));
    for bad in ["", " ", "a\nb", &"x".repeat(2_001)] {
        assert!(matches!(
            note(platform, id, bad).await,
            Err(OperatorError::Text("note", 2_000))
        ));
    }
}

async fn probed(test: TestPlatform) {
    let db = &test.platform.db;
    write_and_read(db).await.unwrap();
    let server = db.server().await.unwrap();
    assert!(server.major() > 0 && !server.settings.is_empty(), "{server:?}");
}

async fn sqlite() -> TestPlatform {
    TestPlatform::sqlite().await
}

async fn postgres() -> TestPlatform {
    let server = levqor_testkit::Postgres::shared().await.unwrap();
    let url = server.create_database().await.unwrap();
    TestPlatform::postgres(&url).await.unwrap()
}

#[tokio::test]
async fn two_bad_snapshots_open_an_incident_and_two_good_ones_close_it_on_sqlite() {
    whole_way(sqlite().await).await;
}

#[tokio::test]
async fn two_bad_snapshots_open_an_incident_and_two_good_ones_close_it_on_postgres() {
    whole_way(postgres().await).await;
}

#[tokio::test]
async fn a_slot_has_one_snapshot_whoever_writes_on_sqlite() {
    a_slot_has_one(sqlite().await).await;
}

#[tokio::test]
async fn a_slot_has_one_snapshot_whoever_writes_on_postgres() {
    a_slot_has_one(postgres().await).await;
}

#[tokio::test]
async fn operators_open_note_and_close_incidents_on_sqlite() {
    operators_have_a_word(sqlite().await).await;
}

#[tokio::test]
async fn operators_open_note_and_close_incidents_on_postgres() {
    operators_have_a_word(postgres().await).await;
}

#[tokio::test]
async fn what_the_probe_writes_it_reads_again_on_sqlite() {
    probed(sqlite().await).await;
}

#[tokio::test]
async fn what_the_probe_writes_it_reads_again_on_postgres() {
    probed(postgres().await).await;
}
