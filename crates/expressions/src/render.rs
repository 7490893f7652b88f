//! A jq value as JSON text, with a bound on its size and depth: a small value can share its parts and be 2^60 large.

use jaq_json::{Num, Val};
use serde_json::Number;

/// Deepest nesting of a result: what `serde_json` reads.
pub(crate) const MAX_DEPTH: usize = 127;

/// Integers below this are exact in a 64-bit float, so that `4 / 2` can be shown as `2`, as jq does.
pub(crate) const EXACT: f64 = 9_007_199_254_740_992.0;

/// `value` as JSON of at most `limit` bytes, or why not.
pub(crate) fn render(value: &Val, limit: usize) -> Result<Vec<u8>, String> {
    let mut renderer = Renderer {
        text: Vec::new(),
        limit,
    };
    renderer.value(value, 0)?;
    Ok(renderer.text)
}

/// A computed number: an integer where it has no fraction.
pub(crate) fn computed(number: f64) -> Option<Number> {
    let whole =
        number.fract() == 0.0 && number.abs() < EXACT && !(number == 0.0 && number.is_sign_negative());
    if whole {
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        let integer = number as i64;
        return Some(integer.into());
    }
    Number::from_f64(number)
}

struct Renderer {
    text: Vec<u8>,
    limit: usize,
}

impl Renderer {
    fn push(&mut self, text: &[u8]) -> Result<(), String> {
        if self.text.len() + text.len() > self.limit {
            return Err(format!("the result is larger than {} bytes", self.limit));
        }
        self.text.extend_from_slice(text);
        Ok(())
    }

    fn value(&mut self, value: &Val, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("the result nests deeper than {MAX_DEPTH} levels"));
        }
        match value {
            Val::Null => self.push(b"null"),
            Val::Bool(true) => self.push(b"true"),
            Val::Bool(false) => self.push(b"false"),
            Val::Num(number) => self.number(number),
            Val::TStr(text) => self.string(text),
            Val::BStr(_) => Err("the result holds bytes, which JSON cannot".to_owned()),
            Val::Arr(items) => self.array(items, depth),
            Val::Obj(members) => self.object(members, depth),
        }
    }

    fn array(&mut self, items: &[Val], depth: usize) -> Result<(), String> {
        self.push(b"[")?;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(b",")?;
            }
            self.value(item, depth + 1)?;
        }
        self.push(b"]")
    }

    fn object(&mut self, members: &jaq_json::Map, depth: usize) -> Result<(), String> {
        self.push(b"{")?;
        for (index, (key, value)) in members.iter().enumerate() {
            if index > 0 {
                self.push(b",")?;
            }
            let Val::TStr(key) = key else {
                return Err("the result has a key that is not a string".to_owned());
            };
            self.string(key)?;
            self.push(b":")?;
            self.value(value, depth + 1)?;
        }
        self.push(b"}")
    }

    fn string(&mut self, bytes: &[u8]) -> Result<(), String> {
        // Before the copy: the string itself may be as large as memory allows.
        if bytes.len() > self.limit {
            return Err(format!("the result is larger than {} bytes", self.limit));
        }
        let text = String::from_utf8_lossy(bytes);
        let quoted = serde_json::to_vec(&text).map_err(|error| error.to_string())?;
        self.push(&quoted)
    }

    fn number(&mut self, number: &Num) -> Result<(), String> {
        let text = match number {
            Num::Int(integer) => Some(integer.to_string()),
            Num::BigInt(integer) => Some(integer.to_string()),
            Num::Float(float) => computed(*float).map(|number| number.to_string()),
            Num::Dec(text) => text
                .parse()
                .ok()
                .and_then(Number::from_f64)
                .map(|number| number.to_string()),
        };
        let text = text.ok_or_else(|| format!("the result holds {number}, which JSON cannot"))?;
        self.push(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    fn text(value: &Val) -> String {
        String::from_utf8(render(value, 1000).unwrap()).unwrap()
    }

    #[test]
    fn computed_numbers_without_fraction_are_integers() {
        for (number, expected) in [
            (2.0, "2"),
            (-3.0, "-3"),
            (0.5, "0.5"),
            (-0.0, "-0.0"),
            (1e300, "1e+300"),
        ] {
            assert_eq!(text(&Val::from(number)), expected);
        }
    }

    #[test]
    fn what_json_cannot_hold_is_refused() {
        let key = [(Val::from(1_usize), Val::Null)].into_iter().collect();
        for value in [
            Val::from(f64::NAN),
            Val::from(f64::INFINITY),
            Val::byte_str("a"),
            Val::obj(key),
        ] {
            assert!(render(&value, 1000).is_err());
        }
    }

    #[test]
    fn a_value_of_shared_parts_stops_at_the_limit() {
        let doubled = (0..60).fold(Val::from(1_usize), |value, _| {
            Val::Arr(Rc::new(vec![value.clone(), value]))
        });
        assert_eq!(
            render(&doubled, 1000),
            Err("the result is larger than 1000 bytes".to_owned())
        );
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth| (0..depth).fold(Val::Null, |value, _| Val::Arr(Rc::new(vec![value])));
        let deepest = render(&nested(MAX_DEPTH), 1000).unwrap();
        assert!(serde_json::from_slice::<serde_json::Value>(&deepest).is_ok());
        assert!(render(&nested(MAX_DEPTH + 1), 1000).is_err());
    }
}
