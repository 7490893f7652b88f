//! A span that is over.

use std::borrow::Cow;

use crate::{SpanId, TraceContext};

/// Which side of what a span is (OpenTelemetry, "`SpanKind`").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// Inside a process.
    Internal,
    /// A request that was answered.
    Server,
    /// A request that was sent.
    Client,
    /// Work given to others to do later.
    Producer,
    /// Such work taken.
    Consumer,
}

/// A value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// Text.
    Text(String),
    /// A number.
    Number(i64),
}

impl From<String> for Attribute {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Attribute {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// A span that is over. What it holds leaves the installation: ids and names of documents, no personal data, no URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Which.
    pub context: TraceContext,
    /// The span around it.
    pub parent: Option<SpanId>,
    /// What was done, of a small set.
    pub name: Cow<'static, str>,
    /// Which side.
    pub kind: SpanKind,
    /// Microseconds since 1970.
    pub start: i64,
    /// Microseconds since 1970.
    pub end: i64,
    /// Names and values.
    pub attributes: Vec<(&'static str, Attribute)>,
    /// Spans that led to this one.
    pub links: Vec<TraceContext>,
    /// What kind of error it ended with.
    pub error: Option<Cow<'static, str>>,
}

impl Span {
    /// One without attributes that went well. `start` and `end` are microseconds since 1970.
    pub fn new(
        context: TraceContext,
        parent: Option<SpanId>,
        name: impl Into<Cow<'static, str>>,
        kind: SpanKind,
        (start, end): (i64, i64),
    ) -> Self {
        Self {
            context,
            parent,
            name: name.into(),
            kind,
            start,
            end,
            attributes: Vec::new(),
            links: Vec::new(),
            error: None,
        }
    }

    /// With this attribute.
    pub fn with(mut self, name: &'static str, value: impl Into<Attribute>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// That another led to.
    pub fn after(mut self, span: TraceContext) -> Self {
        self.links.push(span);
        self
    }

    /// That ended with an error of this kind; None: it went well.
    pub fn failed(mut self, kind: Option<impl Into<Cow<'static, str>>>) -> Self {
        self.error = kind.map(Into::into);
        self
    }
}
