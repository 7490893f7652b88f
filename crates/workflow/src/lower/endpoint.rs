//! Endpoints and URI templates (RFC 6570, simple expansion only: specification, "URI Template").

use url::Url;

use super::{
    Lower,
    data::{Text, strict},
    fields::Fields,
};
use crate::{
    model::{Endpoint, Template},
    names::shown,
    tree::Cursor,
};

const ENDPOINT: Fields = Fields {
    known: &["uri"],
    required: &["uri"],
    unsupported: &["authentication"],
};

/// Longest URI template, in bytes.
const URI_BYTES: usize = 8 * 1024;

impl Lower<'_> {
    /// A URI template, an expression, or `{uri}` of either.
    pub(super) fn endpoint(&mut self, at: Cursor<'_>) -> Option<Endpoint> {
        if at.as_str().is_some() {
            return self.uri(at);
        }
        self.fields(at, &ENDPOINT)?;
        at.get("uri").and_then(|at| self.uri(at))
    }

    fn uri(&mut self, at: Cursor<'_>) -> Option<Endpoint> {
        let text = self.string(at)?;
        match strict(text) {
            Text::Expression(inner) => self.jq(at, inner).map(Endpoint::Expression),
            Text::Mixed => self.mixed(at),
            Text::Literal(text) => match check_endpoint(text) {
                Ok(()) => Some(Endpoint::UriTemplate(text.to_owned())),
                Err(reason) => {
                    self.problems
                        .at("invalid_endpoint", at, format!("{} {reason}", shown(text)));
                    None
                }
            },
        }
    }

    /// A URI reference, or an expression that gives one: types of errors, sources of events.
    pub(super) fn uri_template(&mut self, at: Cursor<'_>) -> Option<Template> {
        let template = self.string_template(at)?;
        if let Template::Literal(value) = &template
            && value.as_str().is_some_and(|text| !is_reference(text))
        {
            self.problems.at(
                "invalid_uri",
                at,
                "a URI reference is not empty and has no spaces",
            );
            return None;
        }
        Some(template)
    }
}

fn is_reference(text: &str) -> bool {
    (1..=URI_BYTES).contains(&text.len()) && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Absolute and http(s), as far as can be known before its variables have values.
fn check_endpoint(text: &str) -> Result<(), &'static str> {
    if !is_reference(text) {
        return Err("is no URI: it is empty, too long, or has spaces");
    }
    let filled = fill(text)?;
    let (scheme, _) = text
        .split_once("://")
        .ok_or("is not absolute; begin it with https:// or http://")?;
    let filled = if scheme.contains('{') {
        filled
            .split_once("://")
            .map(|(_, rest)| format!("http://{rest}"))
            .unwrap_or_default()
    } else {
        filled
    };
    let url = Url::parse(&filled).map_err(|_| "is no URI")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("is neither http nor https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds credentials; remove them");
    }
    Ok(())
}

/// The template with `1` for each variable, which is good for a host, a port and a path.
fn fill(text: &str) -> Result<String, &'static str> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}').ok_or("has a `{` without `}`")?;
        if before.contains('}') {
            return Err("has a `}` without `{`");
        }
        if name.is_empty()
            || !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return Err("has a variable that is no plain name: only {name} is supported");
        }
        filled.push_str(before);
        filled.push('1');
        rest = after;
    }
    if rest.contains('}') {
        return Err("has a `}` without `{`");
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_absolute_http_templates() {
        for good in [
            "https://example.com",
            "http://127.0.0.1:8080/a/{b}/c?d={e}#f",
            "https://{host}:{port}/{path}",
            "{scheme}://example.com/",
            "https://example.com/pets/{pet_id}?status={status}",
            "https://müller.example/",
        ] {
            assert_eq!(check_endpoint(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "/relative",
            "example.com",
            "ftp://example.com",
            "file:///etc/passwd",
            "https://",
            "https://a b",
            "https://example.com/{",
            "https://example.com/}",
            "https://example.com/{}",
            "https://example.com/{+a}",
            "https://example.com/{a,b}",
            "https://example.com/{?q}",
            "https://example.com/}{a}",
            "https://user:secret@example.com/",
            "https://user@example.com/",
            "https://example.com:99999/",
            "{base}/pets",
        ] {
            assert!(check_endpoint(bad).is_err(), "{bad}");
        }
    }
}
