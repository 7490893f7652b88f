//! From the tree to the typed model. Each file lowers one part of the language; all go on after a problem, so
//! that every problem is found. A function gives None when it reported why.

mod call;
mod catch;
mod data;
mod document;
mod endpoint;
mod errors;
mod events;
mod fields;
mod flow;
mod http;
mod json_schema;
mod r#loop;
mod schema_walk;
mod task;
mod time;
mod uses;
mod value;

use std::sync::Arc;

pub(crate) use json_schema::extent;
pub(crate) use schema_walk::Extent;

use crate::{model::Definition, parse::Known, problem::Problems, tree::Cursor};
use fields::Fields;
use uses::Uses;

/// What lowering carries along.
pub(crate) struct Lower<'p> {
    problems: &'p mut Problems,
    known: &'p Known,
    uses: Uses,
    /// Tasks so far.
    tasks: usize,
    /// Regular expressions of JSON Schemas so far.
    patterns: usize,
}

const WORKFLOW: Fields = Fields {
    known: &[
        "document", "input", "use", "do", "timeout", "output", "schedule", "evaluate",
    ],
    required: &["document", "do"],
    unsupported: &[],
};

impl<'p> Lower<'p> {
    pub(crate) fn new(known: &'p Known, problems: &'p mut Problems) -> Self {
        Self {
            problems,
            known,
            uses: Uses::default(),
            tasks: 0,
            patterns: 0,
        }
    }

    /// The whole document.
    pub(crate) fn definition(mut self, root: Cursor<'_>) -> Option<Definition> {
        self.fields(root, &WORKFLOW)?;
        let document = root.get("document").and_then(|at| self.document(at));
        if let Some(at) = root.get("evaluate") {
            self.evaluate(at);
        }
        if let Some(at) = root.get("use") {
            self.uses(at);
        }
        let input = self.input(root);
        let output = self.output(root, "output");
        let timeout = root.get("timeout").and_then(|at| self.timeout(at));
        let schedule = root.get("schedule").and_then(|at| self.schedule(at));
        let tasks = root.get("do").and_then(|at| self.task_list(at));
        Some(Definition {
            document: document?,
            input,
            output,
            timeout,
            schedule,
            tasks: tasks?,
            source: Arc::new(root.value()),
        })
    }
}
