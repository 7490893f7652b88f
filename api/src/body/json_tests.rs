//! What the strict reader takes and refuses.

use proptest::prelude::*;

use super::{
    fault::Kind,
    json::{MAX_DEPTH, check, members, string},
    split::Splitter,
};

fn fault(text: &str) -> (Kind, String) {
    let fault = check(text.as_bytes()).unwrap_err();
    (fault.kind, fault.pointer)
}

#[test]
fn takes_what_serde_json_takes() {
    for text in [
        "null",
        " true ",
        "false",
        "0",
        "-0",
        "-12.5e-3",
        "1E+2",
        "\"\"",
        "\"\\u00e9\\ud83d\\ude00\\n\"",
        "[]",
        "[ ]",
        "{}",
        "{ }",
        "[1,[2,{\"a\":[]}],\"x\"]",
        "{\"a\":{\"b\":null},\"b\":1}",
        "1e-400",
        "\"\u{2028}\"",
        "123456789012345678901234567890",
    ] {
        check(text.as_bytes()).unwrap();
        serde_json::from_str::<serde_json::Value>(text).unwrap();
    }
}

#[test]
fn refuses_what_serde_json_refuses() {
    for text in [
        "",
        " ",
        "nul",
        "True",
        "01",
        "-",
        "+1",
        ".5",
        "1.",
        "1e",
        "1e+",
        "0x1",
        "'a'",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\ud800\\n\"",
        "\"\\udc00\"",
        "\"\n\"",
        "[",
        "[1",
        "[1,]",
        "[,1]",
        "[1 2]",
        "]",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
        "1 2",
        "{} x",
        "NaN",
        "Infinity",
        "\u{feff}{}",
        "// c\n1",
        "[1}",
        "\"\\ud83d\\u0041\"",
    ] {
        assert!(check(text.as_bytes()).is_err(), "{text:?}");
        assert!(
            serde_json::from_str::<serde_json::Value>(text).is_err(),
            "{text:?}"
        );
    }
}

#[test]
fn names_the_place_of_a_duplicate_key() {
    assert_eq!(
        fault(r#"{"a":{"b":1,"c":[{"x":1,"x":2}]}}"#),
        (Kind::Duplicate, "/a/c/0/x".into())
    );
    assert_eq!(fault(r#"{"a":1,"\u0061":2}"#), (Kind::Duplicate, "/a".into()));
    let many: Vec<String> = (0..40).map(|n| format!("\"k{n}\":1")).collect();
    check(format!("{{{}}}", many.join(",")).as_bytes()).unwrap();
    assert_eq!(
        fault(&format!("{{{},\"k3\":1}}", many.join(","))),
        (Kind::Duplicate, "/k3".into())
    );
}

#[test]
fn refuses_nul_as_byte_and_as_escape() {
    assert_eq!(fault("{\"a\":\"x\\u0000\"}"), (Kind::Nul, "/a".into()));
    assert_eq!(fault("{\"a\":\"x\0\"}"), (Kind::Nul, "/a".into()));
    assert_eq!(fault("\0"), (Kind::Nul, String::new()));
    assert_eq!(fault("{\"\\u0000\":1}").0, Kind::Nul);
    check(br#"{"a":"\\u0000"}"#).unwrap();
}

#[test]
fn bounds_the_depth() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    check(nested(MAX_DEPTH).as_bytes()).unwrap();
    assert_eq!(fault(&nested(MAX_DEPTH + 1)).0, Kind::Depth);
    assert_eq!(fault(&"[".repeat(500_000)).0, Kind::Depth);
    let payload = format!("{{\"payload\":{}}}", nested(MAX_DEPTH));
    assert_eq!(members(payload.as_bytes()).unwrap().len(), 1);
}

#[test]
fn refuses_numbers_beyond_a_double() {
    assert_eq!(fault("[1e400]"), (Kind::Range, "/0".into()));
    assert_eq!(fault(&format!("-{}", "9".repeat(400))).0, Kind::Range);
    check("1".repeat(308).as_bytes()).unwrap();
}

#[test]
fn refuses_bad_utf8() {
    assert_eq!(check(b"\"\xff\"").unwrap_err().kind, Kind::Encoding);
}

#[test]
fn says_where_members_lie_without_changing_a_byte() {
    let text = br#" { "a" :  [ 1 , 2 ] , "b\n": "x" } "#;
    let found: Vec<(String, &[u8])> = members(text)
        .unwrap()
        .into_iter()
        .map(|m| (m.name.into_owned(), &text[m.value]))
        .collect();
    assert_eq!(
        found,
        [
            ("a".to_owned(), &b"[ 1 , 2 ]"[..]),
            ("b\n".to_owned(), &b"\"x\""[..])
        ]
    );
    assert_eq!(members(b"[1]").unwrap_err().kind, Kind::NotAnObject);
    assert!(matches!(members(b"[1").unwrap_err().kind, Kind::Syntax(_)));
}

#[test]
fn string_unescapes_strings_only() {
    assert_eq!(string(br#""a\u00e9""#).as_deref(), Some("aé"));
    assert_eq!(string(b"12"), None);
}

/// Texts that are often nearly JSON.
fn texts() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"b\"",
        "\"",
        "\\",
        "\\u0000",
        "\\ud83d\\ude00",
        "\\ud800",
        "1",
        "-",
        "0",
        ".",
        "e",
        "1e999",
        "true",
        "null",
        "fals",
        " ",
        "\n",
        "é",
        "\u{0}",
        "\"a\":1",
        "[1,2]",
        "{}",
    ]);
    prop::collection::vec(token, 0..12).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// What is taken here is taken by every reader behind; what is refused here alone is refused for a reason of ours.
    #[test]
    fn agrees_with_serde_json(text in texts()) {
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match check(text.as_bytes()) {
            Ok(()) => prop_assert!(theirs.is_ok(), "{text:?}"),
            Err(fault) if matches!(fault.kind, Kind::Duplicate | Kind::Nul | Kind::Depth) => (),
            Err(fault) => prop_assert!(theirs.is_err(), "{text:?} {fault:?}"),
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = check(&bytes);
        let _ = members(&bytes);
        for mut splitter in [Splitter::array(), Splitter::lines()] {
            let mut rest = &bytes[..];
            while matches!(splitter.next(&mut rest), Ok(Some(_))) {}
        }
    }
}
