//! Content-Type and Content-Encoding of a request.

use poem::{Request, http::header};

use crate::error::{Code, Problem};

/// Which of `accepted` the request's body is. `*/*` at the end of the list takes any type, or none.
pub(super) fn media(request: &Request, accepted: &'static [&'static str]) -> Result<&'static str, Problem> {
    let headers = request.headers();
    if headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(unsupported("A compressed body is not read.", accepted).header("Content-Encoding"));
    }
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return accepted
            .last()
            .copied()
            .filter(|last| *last == "*/*")
            .ok_or_else(|| unsupported("The body has no Content-Type.", accepted).header("Content-Type"));
    };
    let text = value.to_str().unwrap_or_default();
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    if !utf8(parameters) {
        return Err(unsupported("Only UTF-8 is read.", accepted).header("Content-Type"));
    }
    let essence = essence.trim();
    accepted
        .iter()
        .copied()
        .find(|known| known.eq_ignore_ascii_case(essence) || *known == "*/*")
        .ok_or_else(|| unsupported("The body's type is not read here.", accepted).header("Content-Type"))
}

fn unsupported(what: &str, accepted: &[&str]) -> Problem {
    Problem::new(
        Code::UnsupportedMediaType,
        format!("{what} Send one of: {}.", accepted.join(", ")),
    )
}

/// Whether the parameters name no other charset.
fn utf8(parameters: &str) -> bool {
    parameters.split(';').all(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        !name.trim().eq_ignore_ascii_case("charset")
            || value.eq_ignore_ascii_case("utf-8")
            || value.eq_ignore_ascii_case("us-ascii")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &[&str] = &["application/json"];

    fn of(content_type: &str, accepted: &'static [&'static str]) -> Option<&'static str> {
        let request = Request::builder().header("content-type", content_type).finish();
        media(&request, accepted).ok()
    }

    #[test]
    fn takes_any_case_and_a_utf8_charset() {
        assert_eq!(
            of("Application/JSON; charset=UTF-8", JSON),
            Some("application/json")
        );
        assert_eq!(
            of("application/json;charset=\"utf-8\"; x=y", JSON),
            Some("application/json")
        );
    }

    #[test]
    fn refuses_other_types_charsets_and_encodings() {
        assert_eq!(of("text/plain", JSON), None);
        assert_eq!(of("application/json; charset=utf-16", JSON), None);
        let zipped = Request::builder()
            .header("content-type", "application/json")
            .header("content-encoding", "gzip")
            .finish();
        assert_eq!(
            media(&zipped, JSON).unwrap_err().code(),
            Code::UnsupportedMediaType
        );
        assert!(media(&Request::default(), JSON).is_err());
    }

    #[test]
    fn a_wildcard_takes_anything() {
        assert_eq!(of("image/png", &["application/json", "*/*"]), Some("*/*"));
        assert_eq!(media(&Request::default(), &["*/*"]).unwrap(), "*/*");
    }
}
