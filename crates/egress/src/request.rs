//! A request, and what it may not say.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use url::Url;

use crate::EgressError;

/// Longest URL, in bytes.
const MAX_URL: usize = 16 * 1024;

/// Fields that say how a message is carried (RFC 9110, 7.6.1; RFC 9112, 6) or to whom: the client's business.
const REFUSED: [&str; 13] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// As it is sent: upper case for the known methods.
    pub method: String,
    /// Absolute, http or https, without credentials; a fragment is dropped.
    pub url: String,
    /// Names and values. Hop-by-hop fields, `Host` and `Content-Length` are refused; `Accept-Encoding` is the client's own.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Bytes>,
    /// For the whole exchange; never longer than the policy's.
    pub timeout: Option<Duration>,
    /// Follow 301, 302, 303, 307 and 308; otherwise they are the answer.
    pub follow_redirects: bool,
    /// Sent as `Idempotency-Key` in place of one among `headers`.
    pub idempotency_key: Option<String>,
}

/// A request that has been checked, as the next hop needs it.
#[derive(Debug)]
pub(crate) struct Hop {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
}

impl Hop {
    pub(crate) fn first(request: &Request) -> Result<Self, EgressError> {
        let method = Method::from_bytes(request.method.as_bytes());
        Ok(Self {
            method: method.map_err(|_| EgressError::Refused("the method is not a token".to_owned()))?,
            url: parse_url(&request.url)?,
            headers: headers(request)?,
            body: request.body.clone(),
        })
    }

    /// For error texts: never more than the host.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

fn parse_url(text: &str) -> Result<Url, EgressError> {
    if text.len() > MAX_URL {
        return Err(EgressError::Refused(format!(
            "the URL is longer than {MAX_URL} bytes"
        )));
    }
    let url =
        Url::parse(text).map_err(|error| EgressError::Refused(format!("the URL is not valid: {error}")))?;
    checked_url(url)
}

/// What every hop's URL must be.
pub(crate) fn checked_url(mut url: Url) -> Result<Url, EgressError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(EgressError::Refused(format!(
            "the scheme {} is not http or https",
            url.scheme()
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EgressError::Refused(
            "the URL holds credentials; use a header".to_owned(),
        ));
    }
    url.set_fragment(None);
    Ok(url)
}

fn headers(request: &Request) -> Result<HeaderMap, EgressError> {
    let mut headers = HeaderMap::with_capacity(request.headers.len() + 1);
    for (name, value) in &request.headers {
        let (name, value) = header(name, value)?;
        if REFUSED.contains(&name.as_str()) {
            return Err(EgressError::Refused(format!("the header {name} cannot be set")));
        }
        if name != "accept-encoding" {
            headers.append(name, value);
        }
    }
    if let Some(key) = &request.idempotency_key {
        let (name, value) = header("idempotency-key", key)?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// Control characters, line ends among them, are not valid in either.
fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), EgressError> {
    let refused = |what: &str| EgressError::Refused(format!("a header {what} is not valid"));
    let valid = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused("name"))?;
    let value =
        HeaderValue::from_bytes(value.as_bytes()).map_err(|_| refused(&format!("value ({valid})")))?;
    Ok((valid, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str, headers: &[(&str, &str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let request = Request {
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers,
            ..Request::default()
        };
        matches!(Hop::first(&request), Err(EgressError::Refused(_)))
    }

    #[test]
    fn urls_other_than_plain_http_are_refused() {
        let urls = [
            "",
            "/path",
            "file:///etc/passwd",
            "ftp://example.org/",
            "gopher://example.org/",
            "unix:/run/x",
            "data:text/plain,a",
            "http://user@example.org/",
            "http://user:password@example.org/",
            "http://:password@example.org/",
            "http://",
        ];
        for url in urls {
            assert!(refused(url, &[]), "{url}");
        }
        assert!(refused(
            &format!("http://example.org/{}", "a".repeat(MAX_URL)),
            &[]
        ));
        assert!(!refused("https://example.org/a?b=c#d", &[]));
    }

    #[test]
    fn headers_that_carry_the_message_are_refused_in_any_case() {
        for name in REFUSED {
            assert!(refused("http://example.org/", &[(name, "x")]), "{name}");
            assert!(
                refused("http://example.org/", &[(&name.to_ascii_uppercase(), "x")]),
                "{name}"
            );
        }
    }

    #[test]
    fn line_ends_in_headers_are_refused() {
        for (name, value) in [
            ("x", "a\r\nb: c"),
            ("x", "a\nb"),
            ("x", "a\rb"),
            ("x", "a\0"),
            ("x\r\ny", "a"),
            ("x y", "a"),
            ("", "a"),
        ] {
            assert!(
                refused("http://example.org/", &[(name, value)]),
                "{name:?} {value:?}"
            );
        }
        assert!(!refused("http://example.org/", &[("x", "tab\tand é")]));
    }

    #[test]
    fn an_idempotency_key_replaces_that_of_the_headers() {
        let request = Request {
            method: "POST".to_owned(),
            url: "http://example.org/#x".to_owned(),
            headers: vec![("Idempotency-Key".to_owned(), "theirs".to_owned())],
            idempotency_key: Some("ours".to_owned()),
            ..Request::default()
        };
        let hop = Hop::first(&request).unwrap();
        assert_eq!(
            hop.headers.get_all("idempotency-key").iter().collect::<Vec<_>>(),
            ["ours"]
        );
        assert_eq!(hop.url.as_str(), "http://example.org/");
    }

    #[test]
    fn a_method_must_be_a_token() {
        let request = Request {
            method: "GET /x".to_owned(),
            url: "http://a/".to_owned(),
            ..Request::default()
        };
        assert!(matches!(Hop::first(&request), Err(EgressError::Refused(_))));
    }
}
