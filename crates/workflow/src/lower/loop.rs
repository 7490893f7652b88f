//! `for`, `switch` and `set`.

use super::{Lower, fields::Fields, flow::Scope};
use crate::{
    model::{Case, For, TaskKind, Template},
    names::{is_variable, shown},
    tree::{Cursor, Data},
};

const FOR: Fields = Fields {
    known: &["each", "in", "at"],
    required: &["in"],
    unsupported: &[],
};
const CASE: Fields = Fields {
    known: &["when", "then"],
    required: &["then"],
    unsupported: &[],
};

/// Variables the specification gives to expressions; a loop must not hide them.
const RESERVED: [&str; 8] = [
    "context",
    "input",
    "output",
    "secrets",
    "authorization",
    "task",
    "workflow",
    "runtime",
];

impl Lower<'_> {
    pub(super) fn for_each(&mut self, task: Cursor<'_>, at: Cursor<'_>) -> Option<TaskKind> {
        let fields = self.fields(at, &FOR);
        let each = self.variable(at.get("each"), "item");
        let index = self.variable(at.get("at"), "index");
        if let (Some(each), Some(index)) = (&each, &index)
            && each == index
        {
            let message = format!("item and index are both called {}; rename one", shown(each));
            self.problems.at("invalid_name", at, message);
        }
        let r#in = at.get("in").and_then(|at| self.collection(at));
        let r#while = task.get("while").and_then(|at| self.expression(at));
        let Some(list) = task.get("do") else {
            self.problems.at(
                "missing_property",
                task,
                "`do` is missing; add the tasks of the loop",
            );
            return None;
        };
        let tasks = self.task_list(list);
        fields?;
        Some(TaskKind::For(Box::new(For {
            each: each?,
            at: index?,
            r#in: r#in?,
            r#while,
            tasks: tasks?,
        })))
    }

    /// An expression, bare or in `${}`, or an array with expressions inside.
    fn collection(&mut self, at: Cursor<'_>) -> Option<Template> {
        match at.data() {
            Data::String(_) => self.expression(at).map(Template::Expression),
            Data::Array(_) => self.template(at),
            _ => self.wrong_type(at, "an expression or an array"),
        }
    }

    /// The name of a variable, without `$`.
    pub(super) fn variable(&mut self, at: Option<Cursor<'_>>, default: &str) -> Option<String> {
        let Some(at) = at else {
            return Some(default.to_owned());
        };
        let name = self.string(at)?;
        if is_variable(name) && !RESERVED.contains(&name) {
            return Some(name.to_owned());
        }
        let rule = "letters, digits and underscores, no digit first, no `$`, none of";
        let reserved = RESERVED.join(", ");
        self.problems.at(
            "invalid_name",
            at,
            format!("{} is no name for a variable: {rule} {reserved}", shown(name)),
        );
        None
    }

    pub(super) fn switch(&mut self, at: Cursor<'_>, scope: &Scope<'_>) -> Option<Vec<Case>> {
        self.array(at)?;
        if at.children().len() == 0 {
            self.problems.at(
                "missing_property",
                at,
                "a `switch` has at least one case; add one",
            );
        }
        let cases: Vec<_> = at.children().map(|item| self.case(item, scope)).collect();
        cases.into_iter().collect()
    }

    fn case(&mut self, item: Cursor<'_>, scope: &Scope<'_>) -> Option<Case> {
        let at = self.named_item(item, "case")?;
        self.fields(at, &CASE)?;
        let when = at.get("when").and_then(|at| self.expression(at));
        let then = at.get("then").and_then(|at| self.then(at, scope));
        Some(Case {
            name: at.key().to_owned(),
            when,
            then: then?,
        })
    }

    pub(super) fn set(&mut self, at: Cursor<'_>) -> Option<Template> {
        match at.data() {
            Data::Object(_) if at.children().len() == 0 => {
                self.problems.at(
                    "missing_property",
                    at,
                    "`set` sets at least one property; add one",
                );
                None
            }
            Data::Object(_) => self.template(at),
            Data::String(_) => match self.string_template(at)? {
                Template::Literal(_) => {
                    let message = "`set` is an object or an expression; write the expression as ${ … }";
                    self.problems.at("invalid_expression", at, message);
                    None
                }
                expression => Some(expression),
            },
            _ => self.wrong_type(at, "an object or an expression"),
        }
    }
}
