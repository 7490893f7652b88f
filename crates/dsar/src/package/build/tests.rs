use std::io::Read;

use levqor_entities::ids::{DsarId, UserId};
use levqor_platform::Secrets;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use zip::ZipArchive;

use super::*;
use crate::package::Dataset;

fn rows(value: Value) -> Vec<Map<String, Value>> {
    serde_json::from_value(value).unwrap()
}

/// One person with a little data.
pub(in crate::package) fn snapshot() -> Snapshot {
    let people = Dataset {
        name: "people".into(),
        holds: "names".into(),
        kept: "30 days".into(),
        basis: "GDPR article 6(1)(b)".into(),
        columns: vec!["id".into(), "name".into()],
        left_out: vec!["hash".into()],
        rows: rows(json!([{"id": 1, "name": "Zoë <b>"}, {"id": 2, "name": "=cmd()"}])),
    };
    let empty = Dataset {
        name: "empty".into(),
        columns: Vec::new(),
        rows: Vec::new(),
        ..people.clone()
    };
    Snapshot {
        request: DsarId(Uuid::from_u128(1)),
        controller: "Acme".into(),
        user: UserId(Uuid::from_u128(2)),
        email: "zoe@example.org".into(),
        received_at: Timestamp(1_767_225_600_000_000),
        collected_at: Timestamp(1_767_225_601_500_000),
        datasets: vec![empty, people],
    }
}

pub(in crate::package) fn signer() -> Signer {
    Signer::new(&Secrets::new([7; 32])).unwrap()
}

pub(in crate::package) fn read(zip: &[u8], path: &str) -> Vec<u8> {
    let mut content = Vec::new();
    let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    archive.by_name(path).unwrap().read_to_end(&mut content).unwrap();
    content
}

#[test]
fn domain_1_5_a_package_has_all_its_parts() {
    let package = build(&snapshot(), &signer()).unwrap();
    let archive = ZipArchive::new(Cursor::new(&package.zip)).unwrap();
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    let expected = [
        "README.txt",
        "csv/empty.csv",
        "csv/people.csv",
        "data.json",
        "index.html",
        "manifest.json",
        "manifest.sig",
        "metadata.json",
        "public-key.pem",
    ];
    assert_eq!(names, expected);
    let data: Value = serde_json::from_slice(&read(&package.zip, "data.json")).unwrap();
    assert_eq!(data["datasets"]["people"][1], json!({"id": 2, "name": "=cmd()"}));
    let csv = String::from_utf8(read(&package.zip, "csv/people.csv")).unwrap();
    assert_eq!(csv, "id,name\r\n1,Zoë <b>\r\n2,'=cmd()\r\n");
    let page = String::from_utf8(read(&package.zip, "index.html")).unwrap();
    assert!(
        page.contains("Zoë &#60;b&#62;") && !page.contains("<b>"),
        "{page}"
    );
    let readme = String::from_utf8(read(&package.zip, "README.txt")).unwrap();
    assert!(
        readme.contains("people: 2 rows (names)") && readme.contains(&signer().public()),
        "{readme}"
    );
}

#[test]
fn domain_1_5_the_same_data_gives_the_same_bytes() {
    let (one, two) = (
        build(&snapshot(), &signer()).unwrap(),
        build(&snapshot(), &signer()).unwrap(),
    );
    assert_eq!(one.zip, two.zip);
    let parsed: Snapshot = serde_json::from_slice(&serde_json::to_vec(&snapshot()).unwrap()).unwrap();
    assert_eq!(build(&parsed, &signer()).unwrap().digest, one.digest);
    let mut other = snapshot();
    other.datasets[1].rows[0]["name"] = "Zoe".into();
    assert_ne!(build(&other, &signer()).unwrap().digest, one.digest);
}

#[test]
fn entries_carry_the_time_of_the_request() {
    let package = build(&snapshot(), &signer()).unwrap();
    let mut archive = ZipArchive::new(Cursor::new(&package.zip)).unwrap();
    for index in 0..archive.len() {
        let at = archive.by_index(index).unwrap().last_modified().unwrap();
        assert_eq!(
            (at.year(), at.month(), at.day(), at.hour(), at.second()),
            (2026, 1, 1, 0, 0)
        );
    }
}
