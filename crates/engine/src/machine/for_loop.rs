//! `for`: one iteration after the other over a collection fixed at the start.

use std::sync::Arc;

use levqor_workflow::model::{For, Template};
use serde_json::{Value, json};

use super::{Env, Here, Machine, scope::Scope, state::Frame};
use crate::{WorkflowError, limits};

impl Scope<'_> {
    /// What `for` goes over.
    pub(super) fn collection(&self, r#in: &Template, input: &Value) -> Result<Arc<Value>, WorkflowError> {
        let items = self.render(r#in, input)?;
        let Some(count) = items.as_array().map(Vec::len) else {
            return Err(self.error("expression", "`for.in` gives no array".to_owned()));
        };
        if count > limits::FOR_ITEMS {
            let most = limits::FOR_ITEMS;
            return Err(self.error(
                "runtime",
                format!("`for.in` gives {count} items; at most {most} are gone over"),
            ));
        }
        self.bounded(Arc::new(items))
    }
}

impl Machine {
    /// The index of the next iteration; none when the items are over or `while` does not hold. `while` sees the item
    /// and index of the iteration it decides on, and its raw input.
    pub(super) fn next_iteration(
        &self,
        here: &Here<'_>,
        frame: &Frame,
        (task, items, index): (&For, &Value, Option<usize>),
        env: &Env<'_>,
    ) -> Result<Option<usize>, WorkflowError> {
        let next = index.map_or(0, |index| index + 1);
        let Some(item) = items.get(next) else {
            return Ok(None);
        };
        let mut scope = self.scope(here, &frame.input, env);
        if task.r#while.is_some() {
            scope.local = vec![(&task.at, json!(next)), (&task.each, item.clone())];
        }
        Ok(scope.holds(task.r#while.as_ref(), &frame.value)?.then_some(next))
    }
}
