//! Scalars of YAML 1.2's core schema, narrowed to what JSON can hold.

use serde_json::Number;

use crate::tree::Data;

/// A plain (unquoted) scalar that JSON cannot hold.
pub(super) struct Refused {
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// What a plain scalar means (YAML 1.2.2, 10.3.2). `yes`, `on` and dates are strings.
pub(super) fn plain(text: &str) -> Result<Data, Refused> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Data::Null,
        "true" | "True" | "TRUE" => Data::Bool(true),
        "false" | "False" | "FALSE" => Data::Bool(false),
        _ if is_infinite_or_nan(text) => {
            return Err(Refused {
                code: "number_not_finite",
                message: format!("{text} is no JSON number; put it in quotes if text is meant"),
            });
        }
        _ => number(text)?.map_or_else(|| Data::String(text.to_owned()), Data::Number),
    })
}

fn is_infinite_or_nan(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// None: not a number, so a string.
fn number(text: &str) -> Result<Option<Number>, Refused> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let integer = match (text.strip_prefix("0o"), text.strip_prefix("0x")) {
        (Some(octal), _) if is_all(octal, |byte| (b'0'..=b'7').contains(&byte)) => Some((octal, 8)),
        (_, Some(hex)) if is_all(hex, |byte| byte.is_ascii_hexdigit()) => Some((hex, 16)),
        _ if is_all(digits, |byte| byte.is_ascii_digit()) => Some((digits, 10)),
        _ => None,
    };
    if let Some((digits, radix)) = integer {
        return parse_integer(negative, digits, radix)
            .map(Some)
            .ok_or_else(|| out_of_range(text));
    }
    if !is_decimal(digits) {
        return Ok(None);
    }
    let value: Option<f64> = digits.parse().ok();
    let signed = value.map(|value| if negative { -value } else { value });
    signed
        .and_then(Number::from_f64)
        .map(Some)
        .ok_or_else(|| out_of_range(text))
}

fn out_of_range(text: &str) -> Refused {
    let shown = crate::names::shown(text);
    Refused {
        code: "number_out_of_range",
        message: format!(
            "{shown} cannot be held exactly as a 64-bit number; put it in quotes to keep it as text"
        ),
    }
}

fn parse_integer(negative: bool, digits: &str, radix: u32) -> Option<Number> {
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        0_i64.checked_sub_unsigned(magnitude).map(Number::from)
    } else {
        Some(Number::from(magnitude))
    }
}

/// `( . [0-9]+ | [0-9]+ ( . [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = text
        .split_once(['e', 'E'])
        .map_or((text, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole)
        && is_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| {
            is_all(exponent.strip_prefix(['+', '-']).unwrap_or(exponent), |byte| {
                byte.is_ascii_digit()
            })
        })
}

fn is_all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        match plain(text) {
            Ok(Data::Number(number)) => number.to_string(),
            Ok(Data::Bool(value)) => value.to_string(),
            Ok(Data::Null) => "null".to_owned(),
            Ok(Data::String(text)) => format!("{text:?}"),
            Ok(_) => "?".to_owned(),
            Err(refused) => refused.code.to_owned(),
        }
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for (text, expected) in [
            ("", "null"),
            ("~", "null"),
            ("True", "true"),
            ("yes", "\"yes\""),
            ("on", "\"on\""),
            ("2024-01-01", "\"2024-01-01\""),
            ("1.0.3", "\"1.0.3\""),
            ("0123", "123"),
            ("0o17", "15"),
            ("0x1F", "31"),
            ("+7", "7"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "number_out_of_range"),
            ("-9223372036854775809", "number_out_of_range"),
            ("1.", "1.0"),
            (".5", "0.5"),
            ("-1.5e3", "-1500.0"),
            ("1e400", "number_out_of_range"),
            (".inf", "number_not_finite"),
            ("-.INF", "number_not_finite"),
            (".nan", "number_not_finite"),
            (".", "\".\""),
            ("e5", "\"e5\""),
            ("-", "\"-\""),
            ("infinity", "\"infinity\""),
            ("nan", "\"nan\""),
            ("1_000", "\"1_000\""),
        ] {
            assert_eq!(json(text), expected, "{text:?}");
        }
    }
}
