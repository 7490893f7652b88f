//! Task lists and what all tasks have in common.

use std::sync::Arc;

use super::{Lower, flow::Scope};
use crate::{
    limits,
    model::{Flow, Task, TaskKind, TaskList},
    names::shown,
    tree::{Cursor, Data},
};

/// Properties of every task.
const COMMON: [&str; 7] = ["if", "input", "output", "export", "timeout", "then", "metadata"];

/// The property that makes a task what it is, with those that belong to it.
const KINDS: [(&str, &[&str]); 12] = [
    ("call", &["call", "with"]),
    ("do", &["do"]),
    ("emit", &["emit"]),
    ("for", &["for", "while", "do"]),
    ("fork", &["fork"]),
    ("listen", &["listen", "foreach"]),
    ("raise", &["raise"]),
    ("run", &["run"]),
    ("set", &["set"]),
    ("switch", &["switch"]),
    ("try", &["try", "catch"]),
    ("wait", &["wait"]),
];

impl Lower<'_> {
    /// An array of objects with one member each, the task under its name.
    pub(super) fn task_list(&mut self, at: Cursor<'_>) -> Option<TaskList> {
        self.array(at)?;
        let items: Vec<_> = at.children().map(|item| self.named_item(item, "task")).collect();
        let scope = self.scope(&items);
        let tasks: Vec<_> = items
            .into_iter()
            .map(|item| item.and_then(|task| self.counted_task(task, &scope)))
            .collect();
        let tasks = tasks.into_iter().collect::<Option<_>>()?;
        Some(TaskList {
            pointer: at.pointer().into(),
            tasks,
        })
    }

    /// The one member of a list's item, for lists of tasks and of cases.
    pub(super) fn named_item<'t>(&mut self, item: Cursor<'t>, what: &str) -> Option<Cursor<'t>> {
        self.object(item)?;
        let mut members = item.children();
        let (Some(member), None) = (members.next(), members.next()) else {
            let message =
                format!("an item holds exactly one {what} under its name; begin a new item with `-`");
            self.problems.at("invalid_item", item, message);
            return None;
        };
        let name = member.key();
        if name.is_empty() || name.len() > limits::NAME_BYTES {
            let message = format!("a name of a {what} has 1 to {} bytes", limits::NAME_BYTES);
            self.problems.at_key("invalid_name", member, message);
        }
        Some(member)
    }

    fn scope<'t>(&mut self, items: &[Option<Cursor<'t>>]) -> Scope<'t> {
        let mut scope = Scope::new();
        for (index, task) in items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| Some((index, (*item)?)))
        {
            if scope.insert(task.key(), index).is_some() {
                let message = format!(
                    "two tasks of one list are called {}; rename one",
                    shown(task.key())
                );
                self.problems.at_key("duplicate_task", task, message);
            }
        }
        scope
    }

    fn counted_task(&mut self, at: Cursor<'_>, scope: &Scope<'_>) -> Option<Task> {
        self.tasks += 1;
        if self.tasks > limits::TASKS {
            if self.tasks == limits::TASKS + 1 {
                let message = format!("more than {} tasks; split the workflow", limits::TASKS);
                self.problems.at_key("too_many_tasks", at, message);
            }
            return None;
        }
        self.task(at, scope)
    }

    fn task(&mut self, at: Cursor<'_>, scope: &Scope<'_>) -> Option<Task> {
        self.object(at)?;
        let kind = self.kind(at);
        let condition = at.get("if").and_then(|at| self.expression(at));
        let input = self.input(at);
        let output = self.output(at, "output");
        let export = self.output(at, "export");
        let timeout = at.get("timeout").and_then(|at| self.timeout(at));
        let then = at
            .get("then")
            .map_or(Some(Flow::Continue), |at| self.then(at, scope));
        let metadata = self.free_object(at, "metadata");
        let kind = kind.and_then(|kind| self.task_kind(kind, at, scope));
        Some(Task {
            name: at.key().into(),
            pointer: at.pointer().into(),
            condition,
            input,
            output,
            export,
            timeout,
            then: then?,
            metadata,
            definition: Arc::new(at.value()),
            kind: kind?,
        })
    }

    /// Which kind of task it is; its properties are checked on the way.
    fn kind(&mut self, at: Cursor<'_>) -> Option<&'static str> {
        let mut found: Vec<_> = KINDS.iter().filter(|(kind, _)| at.get(kind).is_some()).collect();
        if found.iter().any(|(kind, _)| *kind == "for") {
            found.retain(|(kind, _)| *kind != "do");
        }
        let kinds: Vec<&'static str> = KINDS.iter().map(|(kind, _)| *kind).collect();
        let own = found.first().map_or(kinds.as_slice(), |(_, own)| own);
        let known: Vec<&'static str> = own.iter().chain(&COMMON).copied().collect();
        for member in at.children().filter(|member| !kinds.contains(&member.key())) {
            self.known_property(member, &known, &[]);
        }
        match found.as_slice() {
            [(kind, _)] => Some(*kind),
            [] => {
                let message = format!("it does nothing; add one of: {}", kinds.join(", "));
                self.problems.at("missing_task_kind", at, message);
                None
            }
            [_, second, ..] => {
                let names: Vec<_> = found.iter().map(|(kind, _)| *kind).collect();
                let message = format!(
                    "one task does one thing, this one: {}; split it",
                    names.join(", ")
                );
                let second = at.get(second.0).unwrap_or(at);
                self.problems.at_key("several_task_kinds", second, message);
                None
            }
        }
    }

    fn task_kind(&mut self, kind: &str, task: Cursor<'_>, scope: &Scope<'_>) -> Option<TaskKind> {
        let at = task.get(kind)?;
        if matches!(at.data(), Data::Broken) {
            return None;
        }
        match kind {
            "call" => self.call(task, at),
            "do" => self.task_list(at).map(TaskKind::Do),
            "emit" => self.emit(at).map(TaskKind::Emit),
            "for" => self.for_each(task, at),
            "listen" => self.listen(task, at),
            "raise" => self.raise(at).map(TaskKind::Raise),
            "set" => self.set(at).map(TaskKind::Set),
            "switch" => self.switch(at, scope).map(TaskKind::Switch),
            "try" => self.try_catch(task, at, scope),
            "wait" => self.delay(at).map(TaskKind::Wait),
            unsupported => {
                self.unsupported_key(at, &format!("a `{unsupported}` task"));
                None
            }
        }
    }
}
