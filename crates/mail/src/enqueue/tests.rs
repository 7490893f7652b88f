use levqor_platform::testing::TestPlatform;
use levqor_testkit::Postgres;

use super::*;
use crate::{
    letters::Test,
    testing::{ADA, envelope, letter, marketing, queued, write},
};

async fn once(app: &TestPlatform) {
    let again = || write(app, envelope(app, "invoice/1", Kind::Transactional));
    assert!(again().await.unwrap());
    assert!(!again().await.unwrap());
    let mut other = envelope(app, "invoice/1", Kind::Transactional);
    other.to = "grace@example.org".to_owned();
    assert!(write(app, other).await.unwrap());
    assert!(
        write(app, envelope(app, "invoice/2", Kind::Transactional))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_message_is_written_once_for_each_recipient_on_sqlite() {
    once(&TestPlatform::sqlite().await).await;
}

#[tokio::test]
async fn a_message_is_written_once_for_each_recipient_on_postgres() {
    let url = Postgres::shared().await.unwrap().create_database().await.unwrap();
    once(&TestPlatform::postgres(&url).await.unwrap()).await;
}

#[tokio::test]
async fn a_mail_is_there_only_when_its_transaction_is_committed() {
    let app = TestPlatform::sqlite().await;
    let now = app.platform.db.now().await.unwrap();
    let tx = app.platform.db.begin().await.unwrap();
    let mail = envelope(&app, "k", Kind::Transactional);
    assert!(enqueue(&tx, &app.platform, now, mail, &letter()).await.unwrap());
    drop(tx);
    let mail = envelope(&app, "k", Kind::Transactional);
    assert!(
        write(&app, mail).await.unwrap(),
        "the first one was not committed"
    );
}

#[tokio::test]
async fn the_row_holds_what_was_asked_for() {
    let app = TestPlatform::sqlite().await;
    let mail = queued(&app, "k", marketing()).await;
    assert_eq!(
        (mail.recipient.as_str(), mail.state, mail.attempts),
        (ADA, mails::State::Queued, 0)
    );
    assert_eq!(
        (mail.template.as_str(), mail.subject.as_str()),
        ("test", "Test mail of levqor.test")
    );
    assert_eq!(mail.scope.as_deref(), Some("newsletter"));
    assert_eq!(mail.due, mail.created_at);
}

/// A line end in a header would begin a header of the writer's own.
#[tokio::test]
async fn line_ends_are_refused_wherever_they_would_stand_in_a_header() {
    let app = TestPlatform::sqlite().await;
    let now = app.platform.db.now().await.unwrap();
    let refused = |envelope: Envelope, letter: &Test| {
        row(MailId(app.platform.ids.uuid_v7()), now, envelope, letter).is_err()
    };
    let plain = || envelope(&app, "k", Kind::Transactional);
    assert!(!refused(plain(), &letter()));
    for end in ["\r\n", "\n", "\r", "\0", "\u{85}"] {
        let bad = format!("a{end}Bcc: eve@example.org");
        let installation = bad.clone();
        assert!(refused(plain(), &Test { installation }), "subject {end:?}");
        assert!(
            refused(
                Envelope {
                    key: bad.clone(),
                    ..plain()
                },
                &letter()
            ),
            "key {end:?}"
        );
        let to = format!("ada@example.org{end}");
        assert!(
            refused(Envelope { to, ..plain() }, &letter()),
            "recipient {end:?}"
        );
        for (name, media_type) in [
            (bad.clone(), "text/plain".to_owned()),
            ("a".to_owned(), bad.clone()),
        ] {
            let object = "a/b".to_owned();
            let attachments = vec![Attachment {
                name,
                media_type,
                object,
            }];
            assert!(
                refused(
                    Envelope {
                        attachments,
                        ..plain()
                    },
                    &letter()
                ),
                "file {end:?}"
            );
        }
        let unsubscribe = format!("https://levqor.test/{end}");
        let scope = "s".to_owned();
        let kind = Kind::Marketing { scope, unsubscribe };
        assert!(refused(Envelope { kind, ..plain() }, &letter()), "link {end:?}");
    }
}

#[tokio::test]
async fn domain_2_4_a_one_click_link_is_https_or_on_this_machine() {
    let app = TestPlatform::sqlite().await;
    for (link, good) in [
        ("https://levqor.test/u/1", true),
        ("http://127.0.0.1:8790/u/1", true),
        ("http://levqor.test/u/1", false),
        ("mailto:a@levqor.test", false),
        ("https://levqor.test/a>, <mailto:eve@example.org", false),
        ("", false),
    ] {
        let kind = Kind::Marketing {
            scope: "s".to_owned(),
            unsubscribe: link.to_owned(),
        };
        assert_eq!(
            write(&app, envelope(&app, link, kind)).await.is_ok(),
            good,
            "{link}"
        );
    }
}

#[tokio::test]
async fn addresses_that_are_not_normalised_are_refused() {
    let app = TestPlatform::sqlite().await;
    for to in [
        "Ada@example.org",
        " ada@example.org",
        "ada",
        "a@b@c",
        "a@b,c@d",
        "",
    ] {
        let mail = Envelope {
            to: to.to_owned(),
            ..envelope(&app, "k", Kind::Transactional)
        };
        assert!(write(&app, mail).await.is_err(), "{to:?}");
    }
}
