//! JSON writes characters beyond U+FFFF as two `\u` escapes; YAML knows only `\U`.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// The text with such pairs rewritten when it is JSON, so that one parser reads both. Columns behind a pair on
/// the same line move left by two.
pub(super) fn join(text: &str) -> Cow<'_, str> {
    let has_pair = text
        .as_bytes()
        .windows(4)
        .any(|four| is_escape(four) && four[2].eq_ignore_ascii_case(&b'd'));
    if has_pair && serde_json::from_str::<IgnoredAny>(text).is_ok() {
        Cow::Owned(rewrite(text))
    } else {
        Cow::Borrowed(text)
    }
}

fn is_escape(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\\u")
}

/// In JSON a backslash stands in strings only, and always with what it escapes.
fn rewrite(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        joined.push_str(before);
        if let Some(character) = pair(escape) {
            joined.extend(["\\U", &format!("{:08x}", u32::from(character))]);
            rest = escape.get(12..).unwrap_or("");
        } else {
            let length = 1 + escape.chars().nth(1).map_or(0, char::len_utf8);
            joined.push_str(escape.get(..length).unwrap_or(escape));
            rest = escape.get(length..).unwrap_or("");
        }
    }
    joined.push_str(rest);
    joined
}

/// The character that `\uD83D\uDE00` at the start of `text` stands for.
fn pair(text: &str) -> Option<char> {
    let unit = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let units = [unit(0..6)?, unit(6..12)?];
    let mut decoded = char::decode_utf16(units);
    let first = decoded.next()?.ok()?;
    decoded.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_become_one_escape_and_escaped_backslashes_stay() {
        assert_eq!(join(r#"{"a":"\ud83d\uDE00x"}"#), r#"{"a":"\U0001f600x"}"#);
        assert_eq!(join(r#"{"a":"\\ud83d\\ude00"}"#), r#"{"a":"\\ud83d\\ude00"}"#);
        assert_eq!(join(r#"{"a":"\u00e9\n"}"#), r#"{"a":"\u00e9\n"}"#);
        assert_eq!(join(r"a: '\ud83d\ude00'"), r"a: '\ud83d\ude00'");
    }
}
