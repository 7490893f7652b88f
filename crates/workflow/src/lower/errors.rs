//! `raise` and the errors of `use.errors`.

use super::{Lower, fields::Fields};
use crate::{
    model::{ErrorTemplate, Template},
    tree::{Cursor, Data},
};

const RAISE: Fields = Fields {
    known: &["error"],
    required: &["error"],
    unsupported: &[],
};
/// `details` is the spelling of v1.0.3; `instance` is set by us whatever it says (specification, "Error").
const ERROR: Fields = Fields {
    known: &["type", "status", "title", "detail", "details", "instance"],
    required: &["type", "status"],
    unsupported: &[],
};

impl Lower<'_> {
    pub(super) fn raise(&mut self, at: Cursor<'_>) -> Option<ErrorTemplate> {
        self.fields(at, &RAISE)?;
        let error = at.get("error")?;
        match error.as_str() {
            Some(_) => self.resolved(error, "errors", |uses| &uses.errors),
            None => self.error_object(error),
        }
    }

    pub(super) fn error_object(&mut self, at: Cursor<'_>) -> Option<ErrorTemplate> {
        self.fields(at, &ERROR)?;
        let r#type = at.get("type").and_then(|at| self.uri_template(at));
        let status = at.get("status").and_then(|at| self.status(at));
        let title = at.get("title").and_then(|at| self.string_template(at));
        let detail = self.detail(at).and_then(|at| self.string_template(at));
        if let Some(instance) = at.get("instance") {
            self.string_template(instance);
        }
        Some(ErrorTemplate {
            r#type: r#type?,
            status: status?,
            title,
            detail,
        })
    }

    /// `detail` under either spelling.
    pub(super) fn detail<'t>(&mut self, at: Cursor<'t>) -> Option<Cursor<'t>> {
        if let (Some(_), Some(old)) = (at.get("detail"), at.get("details")) {
            let message = "`detail` and `details` mean the same; keep `detail`";
            self.problems.at_key("conflicting_properties", old, message);
        }
        at.get("detail").or_else(|| at.get("details"))
    }

    /// 100 to 599, or an expression.
    fn status(&mut self, at: Cursor<'_>) -> Option<Template> {
        match at.data() {
            Data::String(_) => match self.string_template(at)? {
                Template::Literal(_) => self.wrong_type(at, "a whole number from 100 to 599"),
                expression => Some(expression),
            },
            _ => self
                .integer(at, 100, 599)
                .map(|status| Template::Literal(status.into())),
        }
    }
}
