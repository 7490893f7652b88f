//! `call: http`.

use super::{
    Lower,
    data::{Text, strict},
    fields::Fields,
};
use crate::{
    model::{Http, HttpOutput, Template},
    names::{is_token, shown},
    tree::{Cursor, Data},
};

const WITH: Fields = Fields {
    known: &[
        "method", "endpoint", "headers", "body", "query", "output", "redirect",
    ],
    required: &["method", "endpoint"],
    unsupported: &[],
};

/// Methods, upper case; case does not matter in a document.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Headers that belong to the connection or to the client (RFC 9110, 7.6.1), lower case.
const FORBIDDEN: [&str; 10] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl Lower<'_> {
    pub(super) fn http(&mut self, task: Cursor<'_>) -> Option<Http> {
        let Some(with) = task.get("with") else {
            self.problems.at(
                "missing_property",
                task,
                "`with` is missing; add `method` and `endpoint` in it",
            );
            return None;
        };
        self.fields(with, &WITH)?;
        let method = with.get("method").and_then(|at| self.method(at));
        let endpoint = with.get("endpoint").and_then(|at| self.endpoint(at));
        let headers = with.get("headers").and_then(|at| self.headers(at));
        let query = with.get("query").and_then(|at| self.strings(at));
        let body = with.get("body").and_then(|at| self.template(at));
        let output = with
            .get("output")
            .map_or(Some(HttpOutput::default()), |at| self.http_output(at));
        let redirect = with.get("redirect").map_or(Some(false), |at| self.boolean(at));
        Some(Http {
            method: method?,
            endpoint: endpoint?,
            headers,
            body,
            query,
            output: output?,
            redirect: redirect?,
        })
    }

    fn method(&mut self, at: Cursor<'_>) -> Option<String> {
        let method = self.string(at)?.to_ascii_uppercase();
        if !METHODS.contains(&method.as_str()) {
            let message = format!("{} is none of: {}", shown(&method), METHODS.join(", "));
            self.problems.at("invalid_method", at, message);
            return None;
        }
        Some(method)
    }

    fn http_output(&mut self, at: Cursor<'_>) -> Option<HttpOutput> {
        Some(match self.word(at, &["raw", "content", "response"])? {
            "raw" => HttpOutput::Raw,
            "response" => HttpOutput::Response,
            _ => HttpOutput::Content,
        })
    }

    fn headers(&mut self, at: Cursor<'_>) -> Option<Template> {
        if matches!(at.data(), Data::Object(_)) {
            for header in at.children() {
                self.header(header);
            }
        }
        self.strings(at)
    }

    fn header(&mut self, at: Cursor<'_>) {
        let name = at.key();
        if !is_token(name) {
            self.problems.at_key(
                "invalid_header",
                at,
                format!("{} is no name of a header", shown(name)),
            );
        } else if FORBIDDEN.contains(&name.to_ascii_lowercase().as_str()) {
            let message = format!("{} is set by the client itself; remove it", shown(name));
            self.problems.at_key("invalid_header", at, message);
        }
        if at.as_str().is_some_and(|value| !is_header_value(value)) {
            let message = "a header's value has no line breaks or other control characters";
            self.problems.at("invalid_header", at, message);
        }
    }

    /// An object of strings, or an expression that gives one.
    fn strings(&mut self, at: Cursor<'_>) -> Option<Template> {
        match at.data() {
            Data::Object(_) => {
                let strings: Vec<_> = at.children().map(|member| self.string(member)).collect();
                if strings.contains(&None) {
                    None
                } else {
                    self.template(at)
                }
            }
            Data::String(text) if !matches!(strict(text), Text::Literal(_)) => self.template(at),
            _ => self.wrong_type(at, "an object of strings or an expression"),
        }
    }
}

/// An expression is checked by what it gives, when it is known.
fn is_header_value(value: &str) -> bool {
    matches!(strict(value), Text::Expression(_)) || value.chars().all(|c| c == '\t' || !c.is_control())
}
