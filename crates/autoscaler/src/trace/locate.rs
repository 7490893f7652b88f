//! From a JSON pointer to a line.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// Line, from 1, of the value that a pointer names, or of the nearest one around it.
pub(super) fn line(text: &str, pointer: &str) -> usize {
    let mut offset = text.len() - text.trim_start().len();
    for token in pointer.split('/').skip(1) {
        let Some(inner) = child(&text[offset..], token) else {
            break;
        };
        offset += inner;
    }
    1 + text[..offset].matches('\n').count()
}

/// Where in the text of an object or array a member begins.
fn child(text: &str, token: &str) -> Option<usize> {
    let whole: &RawValue = serde_json::Deserializer::from_str(text)
        .into_iter()
        .next()?
        .ok()?;
    let part = if let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(whole.get()) {
        members.get(token)?.get()
    } else {
        let items: Vec<&RawValue> = serde_json::from_str(whole.get()).ok()?;
        items.get(token.parse::<usize>().ok()?)?.get()
    };
    // Both are parts of `text`, so that the distance of their addresses is the offset.
    (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_finds_its_line() {
        let text = "\n{ \"a\": 1,\n  \"b\": [ 1,\n 2 ],\n \"c\": { \"d\":\n 3 } }";
        for (pointer, expected) in [
            ("", 2),
            ("/a", 2),
            ("/b", 3),
            ("/b/1", 4),
            ("/c/d", 6),
            ("/c/none", 5),
        ] {
            assert_eq!(line(text, pointer), expected, "{pointer}");
        }
    }
}
