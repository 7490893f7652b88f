use std::io::Write;

use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;
use crate::package::build::{
    build,
    tests::{read as content, signer, snapshot},
};

fn package() -> Vec<u8> {
    build(&snapshot(), &signer()).unwrap().zip
}

/// A ZIP of these entries, as a package stores them.
fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in entries {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The package with one file replaced, added or left out.
fn with(name: &str, replaced: Option<&[u8]>) -> Vec<u8> {
    let package = package();
    let names = [
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
    let mut files: BTreeMap<&str, Vec<u8>> = names
        .iter()
        .map(|name| (*name, content(&package, name)))
        .collect();
    match replaced {
        Some(replaced) => files.insert(name, replaced.to_vec()),
        None => files.remove(name),
    };
    let entries: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, content)| (*name, content.as_slice()))
        .collect();
    zip(&entries)
}

#[track_caller]
fn refused(package: &[u8], about: &str) {
    let faults = verify(package, None).expect_err("it is accepted");
    let text = faults
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ");
    assert!(text.contains(about), "{text}");
}

#[test]
fn domain_1_5_a_package_is_verified_with_and_without_the_key() {
    let verified = verify(&package(), None).unwrap();
    assert_eq!((verified.files, verified.request), (6, snapshot().request));
    assert_eq!(verified.key, signer().public());
    let mut key = [0; 32];
    hex::decode_to_slice(signer().public(), &mut key).unwrap();
    assert_eq!(verify(&package(), Some(key)), Ok(verified));
    key[0] ^= 1;
    assert!(verify(&package(), Some(key)).is_err());
}

#[test]
fn domain_1_5_a_flipped_byte_of_any_file_is_found_and_the_file_named() {
    for name in [
        "README.txt",
        "csv/people.csv",
        "data.json",
        "index.html",
        "metadata.json",
    ] {
        let mut altered = content(&package(), name);
        altered[0] ^= 1;
        refused(
            &with(name, Some(&altered)),
            &format!("{name}: its SHA-256 differs"),
        );
    }
    for name in ["manifest.json", "manifest.sig"] {
        let mut altered = content(&package(), name);
        altered[3] ^= 1;
        refused(&with(name, Some(&altered)), "manifest.sig: it is no signature");
    }
    let mut altered = content(&package(), "public-key.pem");
    altered[50] ^= 1;
    refused(&with("public-key.pem", Some(&altered)), "manifest.sig");
}

#[test]
fn domain_1_5_no_byte_of_the_contents_can_be_changed() {
    let package = package();
    let good = verify(&package, None).unwrap();
    for at in 0..package.len() {
        let mut altered = package.clone();
        altered[at] ^= 0x10;
        // Headers hold times and versions that say nothing; whatever they say, the files are those that were signed.
        if let Ok(verified) = verify(&altered, None) {
            assert_eq!(verified, good, "byte {at}");
            let name = "data.json";
            assert_eq!(content(&altered, name), content(&package, name), "byte {at}");
        }
    }
}

#[test]
fn what_is_missing_or_more_is_found() {
    refused(&with("csv/people.csv", None), "csv/people.csv: it is missing");
    refused(&with("extra.txt", Some(b"x")), "extra.txt: it is not listed");
    for name in ["manifest.json", "manifest.sig", "public-key.pem"] {
        refused(&with(name, None), &format!("{name}: it is missing"));
    }
    let mut longer = content(&package(), "data.json");
    longer.push(b' ');
    refused(&with("data.json", Some(&longer)), "data.json: it has");
}

#[test]
fn bytes_before_between_and_behind_the_entries_are_found() {
    let package = package();
    refused(&[b"x".as_slice(), &package].concat(), "");
    refused(&[package.as_slice(), b"x"].concat(), "");
    let mut commented = package.clone();
    let end = commented.len() - 2;
    commented[end] = 1;
    commented.push(b'c');
    refused(&commented, "something in it beside its files");
}

#[test]
fn names_that_lead_out_of_the_folder_are_refused() {
    for name in [
        "../evil",
        "a/../../evil",
        "/etc/passwd",
        "c:\\evil",
        "a\\..\\b",
        ".hidden",
        "a//b",
        "a/",
        "a\0b",
        "é",
    ] {
        refused(&zip(&[(name, b"x")]), "");
    }
}

#[test]
fn compressed_entries_and_false_sizes_are_refused() {
    // A stored entry whose headers say that it is deflated, or larger than the file.
    let good = zip(&[("a.txt", &[b'a'; 64])]);
    let central = good.windows(4).position(|part| part == b"PK\x01\x02").unwrap();
    let (mut deflated, mut larger) = (good.clone(), good);
    deflated[8] = 8;
    deflated[central + 10] = 8;
    refused(&deflated, "");
    for at in [18, 22, central + 20, central + 24] {
        larger[at..at + 4].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    }
    refused(&larger, "");
}

#[test]
fn what_is_no_zip_is_refused() {
    for text in [b"".as_slice(), b"PK", b"hello", &[0; 1000], &package()[..100]] {
        refused(text, "no ZIP");
    }
}
