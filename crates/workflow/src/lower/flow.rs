//! `then`: where to go next.

use std::collections::HashMap;

use super::Lower;
use crate::{
    model::Flow,
    names::{hint, shown},
    tree::Cursor,
};

/// The tasks of the list that a `then` stands in, by name.
pub(super) type Scope<'s> = HashMap<&'s str, usize>;

impl Lower<'_> {
    pub(super) fn then(&mut self, at: Cursor<'_>, scope: &Scope<'_>) -> Option<Flow> {
        let text = self.string(at)?;
        match (text, scope.get(text)) {
            ("continue", _) => Some(Flow::Continue),
            ("exit", _) => Some(Flow::Exit),
            ("end", _) => Some(Flow::End),
            (_, Some(&index)) => Some(Flow::Task(index)),
            (_, None) => {
                let hint = hint(text, scope.keys().copied().chain(["continue", "exit", "end"]));
                let rule = "`then` is continue, exit, end or a task of the same list";
                self.problems.at(
                    "unknown_target",
                    at,
                    format!("there is no task {} here; {rule}.{hint}", shown(text)),
                );
                None
            }
        }
    }
}
