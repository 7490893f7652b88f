//! Durations: `{days, hours, minutes, seconds, milliseconds}` or ISO 8601 text (specification, "Duration").
//!
//! Years and months are refused although the specification's schema admits them: they have no fixed length, and a
//! run must not take another time to replay than it took to run (docs/DEPARTURES.md).

use std::time::Duration;

use serde_json::{Map, Value};

/// The longest: ten years of 365 days.
pub const MAX: Duration = Duration::from_secs(3_650 * DAY);

const DAY: u64 = 24 * HOUR;
const HOUR: u64 = 60 * MINUTE;
const MINUTE: u64 = 60;
const NANOS: u128 = 1_000_000_000;

/// Members of the object form, in nanoseconds.
const MEMBERS: [(&str, u128); 5] = [
    ("days", DAY as u128 * NANOS),
    ("hours", HOUR as u128 * NANOS),
    ("minutes", MINUTE as u128 * NANOS),
    ("seconds", NANOS),
    ("milliseconds", NANOS / 1_000),
];

/// Designators of the text form in the order they must stand in: letter, behind `T`, nanoseconds.
const DESIGNATORS: [(char, bool, u128); 5] = [
    ('W', false, 7 * DAY as u128 * NANOS),
    ('D', false, DAY as u128 * NANOS),
    ('H', true, HOUR as u128 * NANOS),
    ('M', true, MINUTE as u128 * NANOS),
    ('S', true, NANOS),
];

/// A duration from a document, or from the result of an expression; between zero and [`MAX`].
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn from_value(value: &Value) -> Result<Duration, String> {
    let nanos = match value {
        Value::Object(members) => from_members(members)?,
        Value::String(text) => from_text(text.trim())?,
        _ => {
            return Err(
                "a duration is an object such as {seconds: 30} or ISO 8601 text such as PT30S".to_owned(),
            );
        }
    };
    bounded(nanos)
}

fn bounded(nanos: u128) -> Result<Duration, String> {
    let seconds = u64::try_from(nanos / NANOS).ok();
    let rest = u32::try_from(nanos % NANOS).unwrap_or(0);
    seconds
        .map(|seconds| Duration::new(seconds, rest))
        .filter(|duration| *duration <= MAX)
        .ok_or_else(|| "a duration is at most ten years (3650 days)".to_owned())
}

fn from_members(members: &Map<String, Value>) -> Result<u128, String> {
    if members.is_empty() {
        return Err(
            "a duration needs at least one of days, hours, minutes, seconds, milliseconds".to_owned(),
        );
    }
    members.iter().try_fold(0_u128, |sum, (name, value)| {
        let unit = MEMBERS
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, unit)| *unit)
            .ok_or_else(|| {
                let shown = crate::names::shown(name);
                format!("{shown} is no part of a duration; use days, hours, minutes, seconds, milliseconds")
            })?;
        let count = whole(value)
            .ok_or_else(|| format!("`{name}` of a duration is a whole number that is not negative"))?;
        Ok(sum.saturating_add(u128::from(count).saturating_mul(unit)))
    })
}

/// Results of jq may come as 3.0.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let float = value.as_f64().filter(|float| float.fract() == 0.0)?;
        format!("{float:.0}").parse().ok()
    })
}

fn from_text(text: &str) -> Result<u128, String> {
    let shown = crate::names::shown(text);
    let wrong = || format!("{shown} is no ISO 8601 duration; write it like P1DT2H30M or PT0.5S");
    let mut rest = text.strip_prefix('P').ok_or_else(wrong)?;
    let mut allowed = DESIGNATORS.as_slice();
    let (mut nanos, mut in_time, mut parts) = (0_u128, false, 0);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T')
            && !in_time
        {
            (rest, in_time, parts) = (after, true, 0);
            continue;
        }
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(wrong)?;
        let (number, behind) = rest.split_at(end);
        let letter = behind.chars().next().ok_or_else(wrong)?;
        if letter == 'Y' || (letter == 'M' && !in_time) {
            return Err(format!(
                "{shown} has years or months, which have no fixed length; use days or weeks"
            ));
        }
        let place = allowed
            .iter()
            .position(|(l, time, _)| *l == letter && *time == in_time)
            .ok_or_else(wrong)?;
        let (_, _, unit) = allowed[place];
        nanos = nanos.saturating_add(times(number, unit).ok_or_else(wrong)?);
        allowed = &allowed[place + 1..];
        parts += 1;
        rest = &behind[letter.len_utf8()..];
    }
    if parts == 0 { Err(wrong()) } else { Ok(nanos) }
}

/// `number` units, to the nanosecond.
fn times(number: &str, unit: u128) -> Option<u128> {
    let (whole, fraction) = number
        .split_once('.')
        .map_or((number, None), |(w, f)| (w, Some(f)));
    let whole: u128 = whole.parse::<u64>().ok()?.into();
    let part = match fraction {
        None => 0,
        Some(digits) if (1..=9).contains(&digits.len()) => {
            let scale = 10_u128.pow(u32::try_from(digits.len()).ok()?);
            u128::from(digits.parse::<u64>().ok()?) * unit / scale
        }
        Some(_) => return None,
    };
    whole.checked_mul(unit)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_give_the_same_durations() {
        for (value, expected) in [
            (json!("PT30S"), Duration::from_secs(30)),
            (json!("PT0.5S"), Duration::from_millis(500)),
            (json!("P1W"), Duration::from_secs(7 * DAY)),
            (
                json!("P1DT2H30M"),
                Duration::from_secs(DAY + 2 * HOUR + 30 * MINUTE),
            ),
            (json!("P0.5D"), Duration::from_secs(12 * HOUR)),
            (json!("P2W3DT0S"), Duration::from_secs(17 * DAY)),
            (json!(" PT1M "), Duration::from_mins(1)),
            (json!("PT0S"), Duration::ZERO),
            (json!("PT0.000000001S"), Duration::from_nanos(1)),
            (json!({"seconds": 30}), Duration::from_secs(30)),
            (json!({"seconds": 3.0}), Duration::from_secs(3)),
            (
                json!({"days": 1, "hours": 2, "minutes": 3, "seconds": 4, "milliseconds": 5}),
                { Duration::from_millis(((DAY + 2 * HOUR + 3 * MINUTE + 4) * 1_000) + 5) },
            ),
            (json!({"days": 3650}), MAX),
            (json!("P3650D"), MAX),
        ] {
            assert_eq!(from_value(&value), Ok(expected), "{value}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for value in [
            json!(""),
            json!("P"),
            json!("PT"),
            json!("P1DT"),
            json!("1S"),
            json!("P1S"),
            json!("PT1D"),
            json!("PT1S2M"),
            json!("PT1S1S"),
            json!("P1Y"),
            json!("P1M"),
            json!("-PT1S"),
            json!("PT-1S"),
            json!("PT1.S"),
            json!("PT.5S"),
            json!("PT1.0000000001S"),
            json!("PT1,5S"),
            json!("pt1s"),
            json!("P1DTT1S"),
            json!("PT99999999999999999999S"),
            json!("P3651D"),
            json!("30 seconds"),
            json!("PTäS"),
            json!({}),
            json!({"seconds": -1}),
            json!({"seconds": 1.5}),
            json!({"seconds": "1"}),
            json!({"years": 1}),
            json!({"days": 3650, "milliseconds": 1}),
            json!({"days": 1e300}),
            json!({"days": u64::MAX, "hours": u64::MAX}),
            json!(30),
            json!(null),
            json!([1]),
        ] {
            assert!(from_value(&value).is_err(), "{value}");
        }
    }
}
