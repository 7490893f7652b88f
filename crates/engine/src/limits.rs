//! Bounds of one run (invariant I7). Past one, the run or the task fails with an error that names it.

use serde_json::Value;

/// Levels of arrays and objects in a journaled value. A JSON reader stops at 128, and an entry wraps a value in
/// a few of its own, so a deeper value could be written but never read again.
pub const VALUE_DEPTH: usize = 100;
/// Bytes of all values a run may journal, about as JSON text: what a worker must hold to replay it.
pub const HISTORY_BYTES: usize = 32 * 1024 * 1024;
/// Items `for` goes over.
pub const FOR_ITEMS: usize = 10_000;
/// Events kept while the run listens to nothing; later ones are ignored.
pub const KEPT_EVENTS: usize = 100;
/// The longest delay before a retry, in microseconds: one day.
pub const RETRY_DELAY: i64 = 24 * 60 * 60 * 1_000_000;

/// About the bytes of `value` as JSON text; none when it is deeper than `depth` levels.
pub(crate) fn measure(value: &Value, depth: usize) -> Option<usize> {
    match value {
        Value::Null | Value::Bool(_) => Some(4),
        Value::Number(_) => Some(8),
        Value::String(text) => Some(text.len() + 2),
        Value::Array(items) => {
            let depth = depth.checked_sub(1)?;
            items
                .iter()
                .try_fold(2, |sum, item| Some(sum + 1 + measure(item, depth)?))
        }
        Value::Object(members) => {
            let depth = depth.checked_sub(1)?;
            members.iter().try_fold(2, |sum, (key, item)| {
                Some(sum + key.len() + 4 + measure(item, depth)?)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_measure_is_near_the_length_of_the_text() {
        let value = json!({"name": "Ada", "tags": ["a", "b", null], "born": {"year": 1815}});
        let text = value.to_string().len();
        let measured = measure(&value, VALUE_DEPTH).unwrap();
        assert!(measured.abs_diff(text) < 20, "{measured} for {text}");
    }

    #[test]
    fn a_value_deeper_than_the_bound_has_no_measure() {
        let nest = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(measure(&nest(VALUE_DEPTH), VALUE_DEPTH).is_some());
        assert!(measure(&nest(VALUE_DEPTH + 1), VALUE_DEPTH).is_none());
    }
}
