//! Data flow: expressions, templates, `input`, `output`, `export`.

use levqor_expressions::Expression;
use serde_json::{Map, Value};

use super::{Lower, fields::Fields};
use crate::{
    model::{Input, Output, Template},
    names::shown,
    tree::{Cursor, Data},
};

const INPUT: Fields = Fields {
    known: &["schema", "from"],
    required: &[],
    unsupported: &[],
};
const OUTPUT: Fields = Fields {
    known: &["schema", "as"],
    required: &[],
    unsupported: &[],
};

/// What a string is in strict mode.
pub(super) enum Text<'t> {
    Literal(&'t str),
    /// What stands between `${` and `}`.
    Expression(&'t str),
    /// `${` amid other text.
    Mixed,
}

/// The whole trimmed string is an expression or none of it is (specification, `evaluate.mode: strict`).
pub(super) fn strict(text: &str) -> Text<'_> {
    let trimmed = text.trim();
    match trimmed.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        Some(inner) => Text::Expression(inner),
        None if text.contains("${") => Text::Mixed,
        None => Text::Literal(text),
    }
}

impl Lower<'_> {
    /// `input` of a workflow or task; the default when absent or refused.
    pub(super) fn input(&mut self, around: Cursor<'_>) -> Input {
        let Some(at) = around
            .get("input")
            .filter(|at| self.fields(*at, &INPUT).is_some())
        else {
            return Input::default();
        };
        let schema = at.get("schema").and_then(|at| self.json_schema(at));
        let from = at.get("from").and_then(|at| self.transformation(at));
        Input { schema, from }
    }

    /// `output` or `export`; the default when absent or refused.
    pub(super) fn output(&mut self, around: Cursor<'_>, name: &str) -> Output {
        let Some(at) = around.get(name).filter(|at| self.fields(*at, &OUTPUT).is_some()) else {
            return Output::default();
        };
        let schema = at.get("schema").and_then(|at| self.json_schema(at));
        let r#as = at.get("as").and_then(|at| self.transformation(at));
        Output { schema, r#as }
    }

    /// `from` and `as`: an expression, bare or in `${}`, or an object with expressions inside.
    fn transformation(&mut self, at: Cursor<'_>) -> Option<Template> {
        match at.data() {
            Data::String(_) => self.expression(at).map(Template::Expression),
            Data::Object(_) => self.template(at),
            _ => self.wrong_type(at, "an expression or an object"),
        }
    }

    /// A field that can only be an expression: bare or in `${}`.
    pub(super) fn expression(&mut self, at: Cursor<'_>) -> Option<Expression> {
        let text = self.string(at)?;
        let source = match strict(text) {
            Text::Expression(inner) => inner,
            Text::Literal(text) => text,
            // A `${` may stand in a string of jq.
            Text::Mixed => match Expression::parse(text.trim()) {
                Ok(expression) => return Some(expression),
                Err(_) => return self.mixed(at),
            },
        };
        self.jq(at, source)
    }

    /// Compiles jq.
    pub(super) fn jq(&mut self, at: Cursor<'_>, source: &str) -> Option<Expression> {
        match Expression::parse(source.trim()) {
            Ok(expression) => Some(expression),
            Err(_) if source.contains("${") => self.mixed(at),
            Err(error) => {
                let shown = shown(source.trim());
                self.problems.at(
                    "invalid_expression",
                    at,
                    format!("{shown} is no jq expression: {error}"),
                );
                None
            }
        }
    }

    pub(super) fn mixed<T>(&mut self, at: Cursor<'_>) -> Option<T> {
        let message = "an expression must be the whole string; to mix it with text use interpolation of jq, \
                       such as ${ \"Hello \\(.name)\" }";
        self.problems.at("mixed_expression", at, message);
        None
    }

    /// JSON in which strings may be `${ … }`.
    pub(super) fn template(&mut self, at: Cursor<'_>) -> Option<Template> {
        match at.data() {
            Data::Broken => None,
            Data::String(text) => self.text_template(at, text),
            Data::Array(_) => {
                let items: Vec<_> = at.children().map(|item| self.template(item)).collect();
                items.into_iter().collect::<Option<Vec<_>>>().map(array)
            }
            Data::Object(_) => {
                let members: Vec<_> = at
                    .children()
                    .map(|member| Some((member.key().to_owned(), self.template(member)?)))
                    .collect();
                members.into_iter().collect::<Option<Vec<_>>>().map(object)
            }
            Data::Null | Data::Bool(_) | Data::Number(_) => Some(Template::Literal(at.value())),
        }
    }

    fn text_template(&mut self, at: Cursor<'_>, text: &str) -> Option<Template> {
        match strict(text) {
            Text::Literal(text) => Some(Template::Literal(Value::from(text))),
            Text::Expression(inner) => self.jq(at, inner).map(Template::Expression),
            Text::Mixed => self.mixed(at),
        }
    }

    /// A string or an expression that gives one.
    pub(super) fn string_template(&mut self, at: Cursor<'_>) -> Option<Template> {
        let text = self.string(at)?;
        self.text_template(at, text)
    }
}

fn array(items: Vec<Template>) -> Template {
    if items.iter().any(|item| !matches!(item, Template::Literal(_))) {
        return Template::Array(items);
    }
    Template::Literal(Value::Array(items.into_iter().filter_map(literal).collect()))
}

fn object(members: Vec<(String, Template)>) -> Template {
    if members
        .iter()
        .any(|(_, member)| !matches!(member, Template::Literal(_)))
    {
        return Template::Object(members);
    }
    let members: Map<_, _> = members
        .into_iter()
        .filter_map(|(name, member)| literal(member).map(|value| (name, value)))
        .collect();
    Template::Literal(Value::Object(members))
}

fn literal(template: Template) -> Option<Value> {
    match template {
        Template::Literal(value) => Some(value),
        Template::Expression(_) | Template::Object(_) | Template::Array(_) => None,
    }
}
