use levqor_entities::ids::MailId;
use levqor_store::Timestamp;
use levqor_testkit::LocalSmtp;
use uuid::Uuid;

use super::*;

fn message() -> Message {
    Message {
        id: MailId(Uuid::from_u128(7)),
        from: "Levqor <noreply@levqor.test>".parse().unwrap(),
        to: "ada@example.org".parse().unwrap(),
        subject: "Hello".to_owned(),
        text: ".a line that begins with a dot\n".to_owned(),
        html: "<p>Hello</p>".to_owned(),
        headers: Vec::new(),
        files: Vec::new(),
        written_at: Timestamp(0),
    }
}

async fn send(url: &str) -> Result<Option<String>, Failure> {
    let server = SmtpServer::parse(url).unwrap();
    Smtp::new(&server, "levqor.test").unwrap().send(&message()).await
}

#[tokio::test]
async fn a_mail_is_handed_over_as_it_is() {
    let server = LocalSmtp::start().await.unwrap();
    assert_eq!(send(&server.url()).await, Ok(None));
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(
        (taken[0].hello.as_str(), taken[0].from.as_str()),
        ("levqor.test", "noreply@levqor.test")
    );
    assert_eq!(taken[0].to, ["ada@example.org"]);
    let built = mime::build(&message()).unwrap().formatted();
    assert_eq!(
        taken[0].text.trim_end(),
        String::from_utf8(built).unwrap().trim_end()
    );
}

#[tokio::test]
async fn user_and_password_are_sent_and_a_wrong_one_is_the_operators_to_mend() {
    let server = LocalSmtp::start_with(|line| {
        // AUTH PLAIN of RFC 4616: NUL ada NUL hunter2.
        let good = !line.starts_with("AUTH") || line == "AUTH PLAIN AGFkYQBodW50ZXIy";
        (!good).then(|| "535 5.7.8 no".to_owned())
    });
    let server = server.await.unwrap();
    let with = |user: &str| server.url().replace("smtp://", &format!("smtp://{user}@"));
    assert_eq!(send(&with("ada:hunter2")).await, Ok(None));
    assert!(matches!(
        send(&with("ada:wrong")).await,
        Err(Failure::Here { .. })
    ));
    assert_eq!(server.taken().len(), 1);
}

/// What becomes of a mail when the server replies so to this command.
async fn replied(command: &'static str, reply: &'static str) -> Failure {
    let server = LocalSmtp::start_with(move |line| line.starts_with(command).then(|| reply.to_owned()));
    let server = server.await.unwrap();
    let failure = send(&server.url()).await.unwrap_err();
    assert_eq!(server.taken(), []);
    failure
}

#[tokio::test]
async fn replies_say_whether_another_try_makes_sense() {
    assert!(matches!(
        replied("RCPT", "450 4.2.1 busy").await,
        Failure::Again(_)
    ));
    assert!(matches!(
        replied(".", "451 4.3.0 trouble").await,
        Failure::Again(_)
    ));
    assert!(matches!(
        replied("RCPT", "550 5.7.1 not wanted").await,
        Failure::Final(_)
    ));
    assert!(matches!(
        replied(".", "554 5.6.0 not readable").await,
        Failure::Final(_)
    ));
    assert!(matches!(
        replied("MAIL", "530 5.7.0 log in first").await,
        Failure::Here { .. }
    ));
    assert!(matches!(
        replied("MAIL", "553 5.1.8 not your address").await,
        Failure::Here { .. }
    ));
}

#[tokio::test]
async fn domain_2_9_a_mailbox_that_is_not_there_is_a_hard_bounce() {
    assert!(matches!(
        replied("RCPT", "550 5.1.1 unknown user").await,
        Failure::NoMailbox(_)
    ));
    assert!(matches!(
        replied("RCPT", "550 unknown user").await,
        Failure::Final(_)
    ));
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_again() {
    let server = LocalSmtp::start().await.unwrap();
    let url = server.url();
    drop(server);
    assert!(matches!(send(&url).await, Err(Failure::Again(_))));
}
