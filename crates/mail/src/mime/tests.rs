use bytes::Bytes;
use levqor_entities::ids::MailId;
use levqor_store::Timestamp;
use uuid::Uuid;

use super::*;

fn message() -> Message {
    Message {
        id: MailId(Uuid::from_u128(7)),
        from: "Levqor <noreply@levqor.test>".parse().unwrap(),
        to: "ada@example.org".parse().unwrap(),
        subject: "Your export is ready".to_owned(),
        text: "Hello Ada\n".to_owned(),
        html: "<p>Hello Ada</p>\n".to_owned(),
        headers: vec![("Auto-Submitted", "auto-generated".to_owned())],
        files: Vec::new(),
        written_at: Timestamp(1_769_860_800_000_000),
    }
}

fn text(message: &Message) -> String {
    String::from_utf8(build(message).unwrap().formatted()).unwrap()
}

/// Names of the headers before the first empty line, folded lines joined.
fn headers(text: &str) -> Vec<(String, String)> {
    let head = text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
    let pairs = head.split("\r\n").map(|line| line.split_once(": ").unwrap());
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

const WHOLE: &str = "From: Levqor <noreply@levqor.test>\r
To: ada@example.org\r
Subject: Your export is ready\r
Date: Sat, 31 Jan 2026 12:00:00 +0000\r
Message-ID: <00000000-0000-0000-0000-000000000007@levqor.test>\r
Auto-Submitted: auto-generated\r
MIME-Version: 1.0\r
Content-Type: multipart/alternative;\r
 boundary=\"=_00000000-0000-0000-0000-000000000007_texts\"\r
\r
--=_00000000-0000-0000-0000-000000000007_texts\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: 7bit\r
\r
Hello Ada\r
\r
--=_00000000-0000-0000-0000-000000000007_texts\r
Content-Type: text/html; charset=utf-8\r
Content-Transfer-Encoding: 7bit\r
\r
<p>Hello Ada</p>\r
\r
--=_00000000-0000-0000-0000-000000000007_texts--\r
";

#[test]
fn a_mail_has_the_headers_it_must_and_both_texts() {
    assert_eq!(text(&message()), WHOLE);
}

#[test]
fn the_same_mail_gives_the_same_bytes_at_every_try() {
    let mut message = message();
    message.files.push(file("a.pdf"));
    assert_eq!(text(&message), text(&message));
}

#[test]
fn a_subject_beyond_ascii_is_encoded_and_no_line_is_too_long() {
    let mut message = message();
    message.subject = "Ihre Rechnung für März ist überfällig — bitte prüfen Sie sie bald".to_owned();
    message.text = format!("{}\n", "ä".repeat(2_000));
    let text = text(&message);
    assert!(text.is_ascii());
    assert!(
        text.contains("Subject: ") && text.contains("=?utf-8?b?"),
        "{text}"
    );
    // RFC 5322, 2.1.1: 998 characters at most, 78 if it can be helped.
    assert!(text.split("\r\n").all(|line| line.len() <= 78), "{text}");
}

/// Such a message cannot come out of the outbox; what writes it must not depend on that.
#[test]
fn a_line_end_in_a_header_begins_no_header() {
    let mut message = message();
    message.subject = "a\r\nBcc: eve@example.org\r\n\r\nbody".to_owned();
    message
        .headers
        .push(("List-Unsubscribe", "<x>\r\nBcc: eve@example.org".to_owned()));
    let text = text(&message);
    assert!(
        !headers(&text)
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("bcc")),
        "{text}"
    );
}

fn file(name: &str) -> File {
    File {
        name: name.to_owned(),
        media_type: "application/pdf".to_owned(),
        content: Bytes::from_static(b"%PDF-\x00\xff"),
    }
}

#[test]
fn files_are_attached_in_base64_under_their_names() {
    let mut message = message();
    message.files = vec![file("report.pdf"), file("Übersicht.pdf")];
    let text = text(&message);
    assert!(
        text.contains("Content-Disposition: attachment; filename=\"report.pdf\""),
        "{text}"
    );
    assert_eq!(text.matches("Content-Transfer-Encoding: base64").count(), 2);
    assert_eq!(text.matches("JVBERi0A/w==").count(), 2);
    assert!(text.is_ascii());
}

#[test]
fn a_long_unsubscribe_link_stays_whole() {
    let mut message = message();
    let link = format!("<https://levqor.test/u/{}>", "a".repeat(300));
    message
        .headers
        .push(("List-Unsubscribe", format!("{link}, <mailto:u@levqor.test>")));
    let found = headers(&text(&message));
    let value = &found
        .iter()
        .find(|(name, _)| name == "List-Unsubscribe")
        .unwrap()
        .1;
    assert_eq!(value.trim(), format!("{link}, <mailto:u@levqor.test>"));
}
