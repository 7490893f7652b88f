//! The next hop of a redirect (RFC 9110, 15.4).

use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, HeaderName, LOCATION},
};

use crate::{
    EgressError,
    request::{Hop, checked_url},
};

/// The request that follows an answer; none when the answer is no redirect.
pub(crate) fn next(hop: &Hop, status: StatusCode, headers: &HeaderMap) -> Result<Option<Hop>, EgressError> {
    let Some(location) = headers.get(LOCATION).filter(|_| redirects(status)) else {
        return Ok(None);
    };
    let location = location
        .to_str()
        .ok()
        .and_then(|location| hop.url.join(location).ok());
    let location = location
        .ok_or_else(|| EgressError::Protocol(format!("{}: the Location is not a URL", hop.host())))?;
    let url = checked_url(location)?;
    if hop.url.scheme() == "https" && url.scheme() == "http" {
        return Err(EgressError::Refused(format!(
            "{}: a redirect from https to http",
            hop.host()
        )));
    }
    let mut next = Hop {
        method: hop.method.clone(),
        url,
        headers: hop.headers.clone(),
        body: hop.body.clone(),
    };
    if becomes_get(status, &hop.method) {
        next.method = Method::GET;
        next.body = None;
        retain(&mut next.headers, |name| !name.as_str().starts_with("content-"));
    }
    if next.url.origin() != hop.url.origin() {
        retain(&mut next.headers, may_cross);
    }
    Ok(Some(next))
}

fn redirects(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn becomes_get(status: StatusCode, method: &Method) -> bool {
    match status.as_u16() {
        303 => *method != Method::HEAD && *method != Method::GET,
        301 | 302 => *method == Method::POST,
        _ => false,
    }
}

/// Fields that another origin may see. Any other may be a credential, whatever its name.
fn may_cross(name: &HeaderName) -> bool {
    let name = name.as_str();
    let known = [
        "accept",
        "accept-language",
        "idempotency-key",
        "traceparent",
        "tracestate",
        "user-agent",
    ];
    known.contains(&name) || name.starts_with("content-")
}

fn retain(headers: &mut HeaderMap, keep: impl Fn(&HeaderName) -> bool) {
    let gone: Vec<_> = headers.keys().filter(|name| !keep(name)).cloned().collect();
    for name in gone {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::Request;

    fn follow(method: &str, status: u16, location: &str) -> Result<Option<Hop>, EgressError> {
        let headers = [
            "authorization",
            "cookie",
            "x-api-key",
            "accept",
            "content-type",
            "idempotency-key",
        ];
        let hop = Hop::first(&Request {
            method: method.to_owned(),
            url: "https://example.org/a/b?c".to_owned(),
            headers: headers.map(|name| (name.to_owned(), "x".to_owned())).to_vec(),
            body: Some(Bytes::from_static(b"body")),
            ..Request::default()
        });
        let headers = HeaderMap::from_iter([(LOCATION, location.parse().unwrap())]);
        next(&hop?, StatusCode::from_u16(status).unwrap(), &headers)
    }

    fn names(hop: &Hop) -> Vec<&str> {
        let mut names: Vec<_> = hop.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn the_method_is_rewritten_as_the_rfc_says() {
        let rows = [
            ("POST", 301, "GET"),
            ("POST", 302, "GET"),
            ("POST", 303, "GET"),
            ("POST", 307, "POST"),
            ("POST", 308, "POST"),
            ("PUT", 301, "PUT"),
            ("PUT", 303, "GET"),
            ("HEAD", 303, "HEAD"),
            ("GET", 302, "GET"),
            ("DELETE", 303, "GET"),
        ];
        for (method, status, expected) in rows {
            let hop = follow(method, status, "/x").unwrap().unwrap();
            assert_eq!(hop.method, expected, "{method} {status}");
            let rewritten = method != expected;
            assert_eq!(hop.body.is_none(), rewritten, "{method} {status}");
            assert_eq!(
                hop.headers.contains_key("content-type"),
                !rewritten,
                "{method} {status}"
            );
        }
    }

    #[test]
    fn credentials_stay_with_their_origin() {
        let same = follow("GET", 307, "../x").unwrap().unwrap();
        assert_eq!(same.url.as_str(), "https://example.org/x");
        assert_eq!(names(&same).len(), 6);
        for location in [
            "https://other.example/",
            "https://example.org:444/",
            "//example.com/",
        ] {
            let other = follow("GET", 307, location).unwrap().unwrap();
            assert_eq!(
                names(&other),
                ["accept", "content-type", "idempotency-key"],
                "{location}"
            );
        }
    }

    #[test]
    fn what_is_no_redirect_is_the_answer() {
        for status in [200, 201, 300, 304, 305, 306, 404] {
            assert!(follow("GET", status, "/x").unwrap().is_none(), "{status}");
        }
    }

    #[test]
    fn a_hop_is_checked_like_the_first_url() {
        for location in [
            "http://example.org/",
            "file:///etc/passwd",
            "https://user@example.org/",
            "javascript:1",
        ] {
            assert!(
                matches!(follow("GET", 302, location), Err(EgressError::Refused(_))),
                "{location}"
            );
        }
    }
}
