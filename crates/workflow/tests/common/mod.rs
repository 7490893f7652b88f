//! Documents for tests.

use levqor_workflow::{Known, Problem, model::Definition, parse};

/// A document with these lines under `do:`, from line 3.
pub(crate) fn with_tasks(tasks: &str) -> String {
    format!("document: {{dsl: '1.0.3', namespace: test, name: test, version: '1.0.0'}}\ndo:\n{tasks}\n")
}

/// Knows the activities `send_mail` and `charge`.
pub(crate) fn known() -> Known {
    Known {
        activities: Some(vec!["send_mail".to_owned(), "charge".to_owned()]),
    }
}

pub(crate) fn parsed(text: &str) -> Result<Definition, Vec<Problem>> {
    parse(text.as_bytes(), &known())
}
