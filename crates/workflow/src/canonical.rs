//! One byte form for equal documents, however they were written.

use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

use crate::model::Definition;

/// The document as JSON without spaces, members ordered by UTF-16 code units, whole numbers without a fraction
/// (in the manner of RFC 8785): equal documents give equal bytes, in YAML or JSON, in any order of members.
pub fn canonical(definition: &Definition) -> Vec<u8> {
    canonical_value(&definition.source)
}

/// Any JSON value in the same form.
pub fn canonical_value(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

/// SHA-256.
pub fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Recursion is bounded by the depth of a document.
fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                write(item, out);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (index, (name, member)) in members.into_iter().enumerate() {
                separate(index, out);
                out.extend_from_slice(Value::from(name.as_str()).to_string().as_bytes());
                out.push(b':');
                write(member, out);
            }
            out.push(b'}');
        }
        Value::Number(number) => out.extend_from_slice(number_text(number).as_bytes()),
        scalar => out.extend_from_slice(scalar.to_string().as_bytes()),
    }
}

fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

/// `1.0` is `1` and `-0.0` is `0`; beyond 2^53 the shortest decimal that reads back the same.
fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 => {
            format!("{:.0}", if float == 0.0 { 0.0 } else { float })
        }
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(value: &Value) -> String {
        let mut out = Vec::new();
        write(value, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn members_are_ordered_and_whole_numbers_plain() {
        let value =
            json!({"b": [1.0, -0.0, 1.5, 1e300, u64::MAX], "a": "é\n\"", "": null, "B": {"z": 1, "y": true}});
        assert_eq!(
            text(&value),
            r#"{"":null,"B":{"y":true,"z":1},"a":"é\n\"","b":[1,0,1.5,1e+300,18446744073709551615]}"#
        );
    }

    #[test]
    fn order_is_that_of_utf_16() {
        assert_eq!(
            text(&json!({"\u{ff61}": 1, "\u{10000}": 2})),
            "{\"\u{10000}\":2,\"\u{ff61}\":1}"
        );
    }

    #[test]
    fn the_hash_is_sha_256() {
        assert_eq!(hash(b"")[..4], [0xe3, 0xb0, 0xc4, 0x42]);
    }
}
