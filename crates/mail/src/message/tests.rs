use levqor_platform::testing::TestPlatform;

use super::*;
use crate::{
    Kind, mime,
    testing::{LINK, marketing, queued},
};

fn sender(unsubscribe_address: Option<&str>) -> Sender {
    Sender {
        from: "Levqor <noreply@levqor.test>".parse().unwrap(),
        unsubscribe_address: unsubscribe_address.map(str::to_owned),
    }
}

async fn written(kind: Kind, sender: &Sender) -> (Message, String) {
    let app = TestPlatform::sqlite().await;
    let message = Message::new(&queued(&app, "k", kind).await, sender, Vec::new()).unwrap();
    let text = mime::build(&message).unwrap().formatted();
    (message, String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn domain_2_4_every_marketing_mail_carries_both_headers_of_one_click() {
    let (message, text) = written(marketing(), &sender(Some("u@levqor.test"))).await;
    let ways = format!("<{LINK}>, <mailto:u@levqor.test?subject=unsubscribe>");
    assert!(message.headers.contains(&("List-Unsubscribe", ways.clone())));
    assert!(
        text.replace("\r\n ", " ")
            .contains(&format!("\r\nList-Unsubscribe: {ways}\r\n")),
        "{text}"
    );
    assert!(text.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
}

#[tokio::test]
async fn domain_2_4_without_an_address_for_it_the_https_link_stands_alone() {
    let (message, _) = written(marketing(), &sender(None)).await;
    assert!(
        message
            .headers
            .contains(&("List-Unsubscribe", format!("<{LINK}>")))
    );
}

#[tokio::test]
async fn domain_2_4_no_transactional_mail_carries_them() {
    let (message, text) = written(Kind::Transactional, &sender(Some("u@levqor.test"))).await;
    assert_eq!(message.headers, [("Auto-Submitted", "auto-generated".to_owned())]);
    assert!(!text.contains("List-Unsubscribe"));
}
