//! `emit` and `listen`: CloudEvents out and in.

use jiff::Timestamp;
use levqor_expressions::Expression;

use super::{
    Lower,
    data::{Text, strict},
    fields::Fields,
};
use crate::{
    model::{EventMatch, EventRead, Listen, TaskKind, Template},
    names::shown,
    tree::{Cursor, Data},
};

const EMIT: Fields = Fields {
    known: &["event"],
    required: &["event"],
    unsupported: &[],
};
const EVENT: Fields = Fields {
    known: &["with"],
    required: &["with"],
    unsupported: &[],
};
const LISTEN: Fields = Fields {
    known: &["to", "read"],
    required: &["to"],
    unsupported: &[],
};
const TO: Fields = Fields {
    known: &["one"],
    required: &[],
    unsupported: &["all", "any", "until"],
};
const FILTER: Fields = Fields {
    known: &["with", "correlate"],
    required: &["with"],
    unsupported: &[],
};
const CORRELATION: Fields = Fields {
    known: &["from", "expect"],
    required: &["from"],
    unsupported: &[],
};

impl Lower<'_> {
    pub(super) fn emit(&mut self, at: Cursor<'_>) -> Option<Template> {
        self.fields(at, &EMIT)?;
        let event = at.get("event")?;
        self.fields(event, &EVENT)?;
        let with = event.get("with")?;
        self.object(with)?;
        if with.get("type").is_none() {
            self.problems.at(
                "missing_property",
                with,
                "`type` is missing; add the type of the event",
            );
        }
        for attribute in with.children() {
            self.attribute(attribute);
        }
        self.template(with)
    }

    /// Name and, where it can be known, value of an attribute (CloudEvents 1.0.2, 3.1).
    fn attribute(&mut self, at: Cursor<'_>) {
        self.attribute_name(at);
        let name = at.key();
        match at.data() {
            _ if name == "data" => {}
            Data::String(text) => {
                if let Text::Literal(text) = strict(text)
                    && let Err(reason) = literal_attribute(name, text)
                {
                    self.problems
                        .at("invalid_event", at, format!("{} {reason}", shown(text)));
                }
            }
            Data::Bool(_) | Data::Number(_) if !is_text(name) => {}
            _ => {
                self.wrong_type::<()>(at, "a string");
            }
        }
    }

    fn attribute_name(&mut self, at: Cursor<'_>) {
        let name = at.key();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if !(1..=64).contains(&name.len()) || !name.bytes().all(plain) {
            let rule = "lower-case letters and digits, such as `roomid`";
            let message = format!("{} is no name of an attribute: {rule}", shown(name));
            self.problems.at_key("invalid_event", at, message);
        }
    }

    pub(super) fn listen(&mut self, task: Cursor<'_>, at: Cursor<'_>) -> Option<TaskKind> {
        if let Some(foreach) = task.get("foreach") {
            self.unsupported_key(foreach, "`foreach` of a `listen` task");
        }
        self.fields(at, &LISTEN)?;
        let read = at
            .get("read")
            .map_or(Some(EventRead::default()), |at| self.read(at));
        let to = at.get("to")?;
        self.fields(to, &TO)?;
        let Some(one) = to.get("one") else {
            if to.children().len() == 0 {
                self.problems.at(
                    "missing_property",
                    to,
                    "`one` is missing; add the event to wait for",
                );
            }
            return None;
        };
        let (with, correlate) = self.event_filter(one)?;
        Some(TaskKind::Listen(Box::new(Listen {
            with,
            correlate,
            read: read?,
        })))
    }

    fn read(&mut self, at: Cursor<'_>) -> Option<EventRead> {
        Some(match self.word(at, &["data", "envelope", "raw"])? {
            "envelope" => EventRead::Envelope,
            "raw" => EventRead::Raw,
            _ => EventRead::Data,
        })
    }

    #[expect(
        clippy::type_complexity,
        reason = "the two fields of `Listen`, which has a third"
    )]
    fn event_filter(
        &mut self,
        at: Cursor<'_>,
    ) -> Option<(
        Vec<(String, EventMatch)>,
        Vec<(String, Expression, Option<Template>)>,
    )> {
        self.fields(at, &FILTER)?;
        let with = at.get("with").and_then(|at| self.matches(at));
        let correlate = at
            .get("correlate")
            .map_or(Some(Vec::new()), |at| self.correlations(at));
        Some((with?, correlate?))
    }

    fn matches(&mut self, at: Cursor<'_>) -> Option<Vec<(String, EventMatch)>> {
        self.object(at)?;
        if at.children().len() == 0 {
            let message = "`with` names at least one attribute of the event; add `type`";
            self.problems.at("missing_property", at, message);
        }
        let matches: Vec<_> = at
            .children()
            .map(|attribute| {
                self.attribute_name(attribute);
                Some((attribute.key().to_owned(), self.event_match(attribute)?))
            })
            .collect();
        matches.into_iter().collect()
    }

    fn event_match(&mut self, at: Cursor<'_>) -> Option<EventMatch> {
        match self.template(at)? {
            Template::Literal(value) => Some(EventMatch::Literal(value)),
            Template::Expression(expression) => Some(EventMatch::Expression(expression)),
            Template::Object(_) | Template::Array(_) => {
                let message =
                    "an expression must be the attribute's whole value; compare with it in one expression";
                self.problems.at("mixed_expression", at, message);
                None
            }
        }
    }

    fn correlations(&mut self, at: Cursor<'_>) -> Option<Vec<(String, Expression, Option<Template>)>> {
        self.object(at)?;
        let correlations: Vec<_> = at.children().map(|key| self.correlation(key)).collect();
        correlations.into_iter().collect()
    }

    fn correlation(&mut self, at: Cursor<'_>) -> Option<(String, Expression, Option<Template>)> {
        self.fields(at, &CORRELATION)?;
        let from = at.get("from").and_then(|at| self.expression(at));
        let expect = at.get("expect").and_then(|at| self.string_template(at));
        Some((at.key().to_owned(), from?, expect))
    }
}

/// Attributes of the specification that are text.
fn is_text(name: &str) -> bool {
    matches!(
        name,
        "id" | "source" | "type" | "time" | "subject" | "datacontenttype" | "dataschema" | "specversion"
    )
}

fn literal_attribute(name: &str, text: &str) -> Result<(), &'static str> {
    match name {
        "time" if text.parse::<Timestamp>().is_err() => {
            Err("is no RFC 3339 time such as 2026-01-31T12:00:00Z")
        }
        "specversion" if text != "1.0" => Err("is no version of CloudEvents that is supported; write '1.0'"),
        "source" | "dataschema" if text.is_empty() || text.contains(char::is_whitespace) => Err("is no URI"),
        _ if is_text(name) && text.is_empty() => Err("is empty"),
        _ => Ok(()),
    }
}
