//! Against a name server of its own, over real UDP.

use std::{collections::HashMap, sync::Arc};

use hickory_resolver::proto::{
    op::{Message, MessageType, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{MX, TXT},
    },
};
use tokio::net::UdpSocket;

use super::*;
use crate::commands::doctor::finding::State;

type Zone = HashMap<(&'static str, RecordType), Vec<RData>>;

fn text(text: &str) -> RData {
    // Longer texts are split into strings, which are joined again.
    let parts = text.as_bytes().chunks(20);
    RData::TXT(TXT::from_bytes(parts.collect()))
}

/// Answers from a zone, one message for one; names that are not there are said not to be.
async fn serve(zone: Zone) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let zone = Arc::new(zone);
    tokio::spawn(async move {
        let mut bytes = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut bytes).await {
            let Ok(question) = Message::from_vec(&bytes[..length]) else {
                continue;
            };
            let answer = answer(&zone, &question).to_vec().unwrap();
            socket.send_to(&answer, from).await.unwrap();
        }
    });
    address
}

fn answer(zone: &Zone, question: &Message) -> Message {
    let query = question.queries[0].clone();
    let name = query.name.to_lowercase().to_string();
    let found = zone.get(&(name.trim_end_matches('.'), query.query_type));
    let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
    answer.metadata.message_type = MessageType::Response;
    answer.metadata.recursion_desired = true;
    answer.metadata.recursion_available = true;
    answer.add_query(query.clone());
    match found {
        None => answer.metadata.response_code = ResponseCode::NXDomain,
        Some(records) => {
            for data in records {
                answer.add_answer(Record::from_rdata(query.name.clone(), 60, data.clone()));
            }
        }
    }
    answer
}

fn good() -> Zone {
    let exchange = Name::from_ascii("mx.example.org.").unwrap();
    HashMap::from([
        (
            ("example.org", RecordType::MX),
            vec![RData::MX(MX::new(10, exchange))],
        ),
        (
            ("send.example.org", RecordType::TXT),
            vec![text("v=spf1 include:amazonses.com ~all"), text("something else")],
        ),
        (
            ("resend._domainkey.example.org", RecordType::TXT),
            vec![text("p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ")],
        ),
        (
            ("_dmarc.example.org", RecordType::TXT),
            vec![text("v=DMARC1; p=quarantine")],
        ),
    ])
}

async fn states(zone: Zone, domain: &str) -> Vec<(&'static str, State)> {
    let dns = Dns::open(Some(serve(zone).await)).unwrap();
    let findings = of(&dns, domain, true, None).await;
    findings
        .into_iter()
        .map(|finding| (finding.name, finding.state))
        .collect()
}

#[tokio::test]
async fn a_domain_with_all_records_is_in_order() {
    assert_eq!(
        states(good(), "example.org").await,
        [
            ("mail_mx", State::Ok),
            ("mail_spf", State::Ok),
            ("mail_dkim", State::Ok),
            ("mail_dmarc", State::Ok)
        ]
    );
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let found = states(HashMap::new(), "example.org").await;
    assert!(found.iter().all(|(_, state)| *state == State::Warn), "{found:?}");
}

#[tokio::test]
async fn a_policy_is_that_of_the_domain_above_where_there_is_none() {
    let found = states(good(), "news.example.org").await;
    assert_eq!(found[3], ("mail_dmarc", State::Ok));
}

#[tokio::test]
async fn records_that_say_nothing_or_too_much_are_found() {
    let mut zone = good();
    let two = vec![text("v=spf1 -all"), text("v=spf1 ~all")];
    zone.insert(("send.example.org", RecordType::TXT), two);
    zone.insert(
        ("resend._domainkey.example.org", RecordType::TXT),
        vec![text("v=DKIM1; p=")],
    );
    zone.insert(
        ("_dmarc.example.org", RecordType::TXT),
        vec![text("v=DMARC1; p=perhaps")],
    );
    zone.insert(
        ("example.org", RecordType::MX),
        vec![RData::MX(MX::new(0, Name::root()))],
    );
    assert_eq!(
        states(zone, "example.org").await,
        [
            ("mail_mx", State::Warn),
            ("mail_spf", State::Fail),
            ("mail_dkim", State::Warn),
            ("mail_dmarc", State::Warn)
        ]
    );
    let open = Ok(vec!["v=spf1 +all".to_owned()]);
    assert_eq!(judge::spf(&open).state, State::Warn);
}

#[tokio::test]
async fn without_a_name_server_nothing_is_claimed() {
    // Nobody listens there any more.
    let address = UdpSocket::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let dns = Dns::open(Some(address)).unwrap();
    let findings = of(&dns, "example.org", false, None).await;
    for finding in findings.iter().filter(|finding| finding.name != "mail_dkim") {
        assert_eq!(finding.state, State::Warn);
        assert!(finding.found.contains("cannot be looked up"), "{finding:?}");
    }
}

#[test]
fn the_domain_above_has_two_labels() {
    assert_eq!(parent("example.org"), None);
    assert_eq!(parent("a.b.example.org"), Some("example.org"));
}
