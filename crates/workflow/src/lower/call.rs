//! `call`: HTTP and activities.

use serde_json::{Map, Value};

use super::Lower;
use crate::{
    model::{TaskKind, Template},
    names::{hint, shown},
    tree::Cursor,
};

/// Calls of the language that are not supported yet.
const UNSUPPORTED: [&str; 5] = ["a2a", "asyncapi", "grpc", "mcp", "openapi"];

/// How many activities a message lists.
const LISTED: usize = 20;

impl Lower<'_> {
    pub(super) fn call(&mut self, task: Cursor<'_>, at: Cursor<'_>) -> Option<TaskKind> {
        let name = self.string(at)?;
        if name == "http" {
            return self.http(task).map(|http| TaskKind::Http(Box::new(http)));
        }
        if UNSUPPORTED.contains(&name) {
            self.unsupported_value(at, &format!("`call: {name}`"));
            return None;
        }
        if name.contains(['@', '/']) {
            self.unsupported_value(at, "a function of a catalog or of a URL");
            return None;
        }
        let name = self.activity_name(at, name);
        let with = match task.get("with") {
            Some(with) => self.object(with).and_then(|()| self.template(with)),
            None => Some(Template::Literal(Value::Object(Map::new()))),
        };
        Some(TaskKind::Activity {
            name: name?,
            with: with?,
        })
    }

    fn activity_name(&mut self, at: Cursor<'_>, name: &str) -> Option<String> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !(1..=128).contains(&name.len()) || !name.bytes().all(allowed) {
            let rule = "1 to 128 letters, digits, dots, hyphens and underscores";
            self.problems.at(
                "invalid_name",
                at,
                format!("{} is no name of an activity: {rule}", shown(name)),
            );
            return None;
        }
        if self.uses.functions.iter().any(|function| function == name) {
            return None;
        }
        match &self.known.activities {
            Some(known) if !known.iter().any(|activity| activity == name) => {
                let message = unknown(name, known);
                self.problems.at("unknown_activity", at, message);
                None
            }
            _ => Some(name.to_owned()),
        }
    }
}

fn unknown(name: &str, known: &[String]) -> String {
    let hint = hint(name, known.iter().map(String::as_str).chain(["http"]));
    let listed: Vec<_> = known.iter().take(LISTED).map(String::as_str).collect();
    let more = if known.len() > LISTED { ", …" } else { "" };
    format!(
        "there is no activity {}.{hint} Known are: http, {}{more}",
        shown(name),
        listed.join(", ")
    )
}
