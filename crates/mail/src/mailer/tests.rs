use std::fs;

use levqor_egress::Policy;
use levqor_entities::consents::Status;
use levqor_platform::testing::TestPlatform;
use tempfile::TempDir;

use super::*;
use crate::{
    Kind, TransportOptions,
    testing::{LINK, consent, envelope, letter, marketing, queued, write},
};

/// A mailer that writes files.
struct Bench {
    app: TestPlatform,
    folder: TempDir,
    mailer: Mailer,
}

impl Bench {
    async fn new() -> Self {
        let app = TestPlatform::sqlite().await;
        let folder = tempfile::tempdir().unwrap();
        let egress = Egress::new(Policy::default());
        let mailer = Mailer::new(app.platform.clone(), &egress, &options(&folder)).unwrap();
        Self { app, folder, mailer }
    }

    /// One try of the one mail that is due.
    async fn deliver(&self) -> Fate {
        let mail = self.mailer.lease(1).await.unwrap().remove(0);
        self.mailer.deliver(&mail).await
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        entries
            .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect()
    }

    async fn attach(&self, object: &str) {
        let mail = Envelope {
            attachments: vec![Attachment {
                name: "report.pdf".to_owned(),
                media_type: "application/pdf".to_owned(),
                object: object.to_owned(),
            }],
            ..envelope(&self.app, "k", Kind::Transactional)
        };
        write(&self.app, mail).await.unwrap();
    }
}

fn options(folder: &TempDir) -> Options {
    Options {
        transport: TransportOptions::Folder(folder.path().to_owned()),
        from: None,
        unsubscribe_address: Some("u@levqor.test".to_owned()),
    }
}

#[tokio::test]
async fn domain_2_4_marketing_that_is_granted_leaves_with_its_one_click_headers() {
    let bench = Bench::new().await;
    consent(&bench.app, Status::Granted).await;
    queued(&bench.app, "k", marketing()).await;
    assert_eq!(bench.deliver().await, Fate::Sent(None));
    let text = bench.files().remove(0).replace("\r\n ", " ");
    let ways = format!("\r\nList-Unsubscribe: <{LINK}>, <mailto:u@levqor.test?subject=unsubscribe>\r\n");
    assert!(
        text.contains(&ways) && text.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"),
        "{text}"
    );
}

#[tokio::test]
async fn domain_2_5_a_revoke_between_writing_and_sending_stops_the_mail() {
    let bench = Bench::new().await;
    consent(&bench.app, Status::Granted).await;
    queued(&bench.app, "k", marketing()).await;
    consent(&bench.app, Status::Revoked).await;
    assert!(matches!(bench.deliver().await, Fate::Refused(_)));
    assert!(bench.files().is_empty());
}

#[tokio::test]
async fn a_file_is_read_when_the_mail_leaves() {
    let bench = Bench::new().await;
    bench.attach("reports/a.pdf").await;
    let key = Key::new("reports/a.pdf").unwrap();
    bench
        .app
        .platform
        .objects
        .put(&key, "%PDF\u{ff}".into())
        .await
        .unwrap();
    assert_eq!(bench.deliver().await, Fate::Sent(None));
    let text = bench.files().remove(0);
    assert!(
        text.contains("filename=\"report.pdf\"") && text.contains("JVBERsO/"),
        "{text}"
    );
}

#[tokio::test]
async fn a_mail_whose_file_is_gone_is_given_up() {
    for object in ["reports/a.pdf", "../secret"] {
        let bench = Bench::new().await;
        bench.attach(object).await;
        let Fate::Failed(why) = bench.deliver().await else {
            panic!("{object} was sent");
        };
        assert!(why.contains("report.pdf"), "{why}");
        assert!(bench.files().is_empty());
    }
}

#[tokio::test]
async fn files_that_no_server_would_take_are_not_tried() {
    let bench = Bench::new().await;
    bench.attach("reports/a.pdf").await;
    let key = Key::new("reports/a.pdf").unwrap();
    bench
        .app
        .platform
        .objects
        .put(&key, vec![0; MOST_FILES + 1].into())
        .await
        .unwrap();
    assert!(matches!(bench.deliver().await, Fate::Failed(_)));
}

#[tokio::test]
async fn a_letter_sent_now_goes_past_the_outbox() {
    let bench = Bench::new().await;
    let platform = &bench.app.platform;
    let what = (MailId(platform.ids.uuid_v7()), platform.db.now().await.unwrap());
    let (options, egress) = (options(&bench.folder), Egress::new(Policy::default()));
    let mail = envelope(&bench.app, "k", Kind::Transactional);
    assert_eq!(send_now(&options, &egress, what, mail, &letter()).await, Ok(None));
    assert_eq!(bench.files().len(), 1);
    assert!(bench.mailer.lease(1).await.unwrap().is_empty());
    let mail = Envelope {
        to: "nobody".to_owned(),
        ..envelope(&bench.app, "k", Kind::Transactional)
    };
    assert!(matches!(
        send_now(&options, &egress, what, mail, &letter()).await,
        Err(Failure::Final(_))
    ));
}
