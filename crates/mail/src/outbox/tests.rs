use std::collections::HashSet;

use levqor_entities::{
    mails::{self, State},
    usage,
};
use levqor_platform::testing::TestPlatform;
use levqor_testkit::Postgres;

use super::*;
use crate::{
    Kind,
    suppressions::{Cause, add, find, lift},
    testing::{ADA, queued, seen},
};

#[test]
fn the_last_try_begins_17_hours_and_3_minutes_after_the_first() {
    let pauses: Duration = (1..MOST_TRIES).map(lease_of).sum();
    assert_eq!(pauses, Duration::from_mins(17 * 60 + 3));
    assert_eq!(lease_of(1), Duration::from_mins(1));
    assert!(TRY_LIMIT < lease_of(1));
}

async fn postgres() -> TestPlatform {
    let url = Postgres::shared().await.unwrap().create_database().await.unwrap();
    TestPlatform::postgres(&url).await.unwrap()
}

/// Each of two that lease at once gets mails of its own, and together all.
async fn leases_do_not_overlap(app: &TestPlatform) {
    for n in 0..9 {
        queued(app, &format!("k{n}"), Kind::Transactional).await;
    }
    let db = &app.platform.db;
    let (one, two) = tokio::join!(lease(db, 5), lease(db, 5));
    let mut taken: Vec<_> = [one.unwrap(), two.unwrap()]
        .concat()
        .iter()
        .map(|mail| mail.id)
        .collect();
    taken.extend(lease(db, 5).await.unwrap().iter().map(|mail| mail.id));
    let different: HashSet<_> = taken.iter().collect();
    assert_eq!((taken.len(), different.len()), (9, 9));
}

#[tokio::test]
async fn leases_do_not_overlap_on_sqlite() {
    leases_do_not_overlap(&TestPlatform::sqlite().await).await;
}

#[tokio::test]
async fn leases_do_not_overlap_on_postgres() {
    leases_do_not_overlap(&postgres().await).await;
}

/// What becomes of a mail under each fate: state, tries, whether it still has its text.
async fn fates(app: &TestPlatform) {
    let why = || "because".to_owned();
    let (minute, second) = (Duration::from_mins(1), Duration::from_secs(1));
    for (key, fate, state, attempts, text) in [
        ("sent", Fate::Sent(Some("p1".to_owned())), State::Sent, 1, false),
        ("suppressed", Fate::Suppressed(why()), State::Suppressed, 1, false),
        ("refused", Fate::Refused(why()), State::Refused, 1, false),
        ("failed", Fate::Failed(why()), State::Failed, 1, true),
        ("again", Fate::Again(why()), State::Queued, 1, true),
        ("wait", Fate::Wait(why(), second), State::Queued, 0, true),
        ("bounced", Fate::Bounced(why()), State::Failed, 1, true),
    ] {
        let mail = queued(app, key, Kind::Transactional).await;
        let leased = lease(&app.platform.db, 1).await.unwrap().remove(0);
        assert_eq!((leased.id, leased.attempts), (mail.id, 1), "{key}");
        settle(&app.platform, &leased, &fate).await.unwrap();
        let row = mails::secure_find(app.tenant)
            .all(app.platform.db.reader())
            .await
            .unwrap();
        let row = row.into_iter().find(|row| row.id == mail.id).unwrap();
        assert_eq!(
            (row.state, row.attempts, row.text.is_some()),
            (state, attempts, text),
            "{key}"
        );
        assert_eq!(
            (row.html.is_some(), row.ended_at.is_some()),
            (text, state != State::Queued),
            "{key}"
        );
        assert_eq!(row.reason.is_some(), state != State::Sent, "{key}");
        let later = if attempts == 0 { second } else { minute };
        assert!(row.due.since(mail.due) >= later, "{key}");
    }
}

#[tokio::test]
async fn every_fate_is_written_on_sqlite() {
    fates(&TestPlatform::sqlite().await).await;
}

#[tokio::test]
async fn every_fate_is_written_on_postgres() {
    fates(&postgres().await).await;
}

#[tokio::test]
async fn a_mail_that_was_sent_is_charged_once() {
    let app = TestPlatform::sqlite().await;
    queued(&app, "sent", Kind::Transactional).await;
    queued(&app, "failed", Kind::Transactional).await;
    let mut leased = lease(&app.platform.db, 2).await.unwrap();
    leased.sort_by(|one, other| one.key.cmp(&other.key));
    let fates = [Fate::Failed("no".to_owned()), Fate::Sent(None)];
    for _repeat in 0..2 {
        for (mail, fate) in leased.iter().zip(&fates) {
            settle(&app.platform, mail, fate).await.unwrap();
        }
    }
    let charged = usage::secure_find(app.tenant).all(app.platform.db.reader()).await;
    let charged: Vec<i64> = charged.unwrap().iter().map(|row| row.mails).collect();
    assert_eq!(charged, [1]);
}

#[tokio::test]
async fn only_the_newest_holder_of_a_lease_writes_a_failure() {
    let app = TestPlatform::sqlite().await;
    queued(&app, "k", Kind::Transactional).await;
    let old = lease(&app.platform.db, 1).await.unwrap().remove(0);
    app.clock.advance(Duration::from_mins(1));
    let new = lease(&app.platform.db, 1).await.unwrap().remove(0);
    settle(&app.platform, &old, &Fate::Failed("late".to_owned()))
        .await
        .unwrap();
    assert_eq!(seen(&app, &new).await.state, State::Queued);
    settle(&app.platform, &old, &Fate::Sent(None)).await.unwrap();
    assert_eq!(seen(&app, &new).await.state, State::Sent, "it was sent after all");
}

/// A suppression is added once, lifted, and comes back for what was seen later only.
async fn suppresses(app: &TestPlatform) {
    let platform = &app.platform;
    let (secrets, tenant) = (platform.secrets("test").unwrap(), app.tenant);
    let now = platform.db.now().await.unwrap();
    let before = levqor_store::Timestamp(now.0 - 1);
    let suppress = async |at| {
        let tx = platform.db.begin().await.unwrap();
        add(&tx, secrets, tenant, ADA, Cause::Bounce, at).await.unwrap();
        tx.commit().await.unwrap();
        find(&platform.db, secrets, tenant, ADA)
            .await
            .unwrap()
            .iter()
            .map(|found| found.since)
            .collect::<Vec<_>>()
    };
    assert_eq!(suppress(before).await, [before]);
    assert_eq!(suppress(now.after(Duration::from_secs(1))).await, [before]);
    let tx = platform.db.begin().await.unwrap();
    assert!(lift(&tx, secrets, tenant, ADA, now).await.unwrap().is_some());
    tx.commit().await.unwrap();
    assert_eq!(suppress(before).await, []);
    assert_eq!(suppress(now).await, []);
    let after = now.after(Duration::from_secs(1));
    assert_eq!(suppress(after).await, [after]);
}

#[tokio::test]
async fn domain_2_9_suppressions_stand_until_they_are_lifted_on_sqlite() {
    suppresses(&TestPlatform::sqlite().await).await;
}

#[tokio::test]
async fn domain_2_9_suppressions_stand_until_they_are_lifted_on_postgres() {
    suppresses(&postgres().await).await;
}
