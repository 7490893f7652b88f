//! Expressions that need the helper process, kept from holding up the async threads.
//!
//! The machine is called on the async thread, because nearly all expressions are evaluated in place within microseconds
//! and `block_in_place` costs a thread hand-over. Only the few that have to wait for the helper pay for it.

use std::sync::Arc;

use levqor_expressions::{Evaluate, Expression, ExpressionError, Variables};
use serde_json::Value;
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

/// An evaluator whose waits let the runtime's other tasks go on.
pub(crate) struct Blocking(pub(crate) Arc<dyn Evaluate>);

impl Evaluate for Blocking {
    fn evaluate(
        &self,
        expression: &Expression,
        input: &Value,
        variables: &Variables<'_>,
    ) -> Result<Value, ExpressionError> {
        if let Some(done) = self.0.evaluate_in_place(expression, input, variables) {
            return done;
        }
        let evaluate = || self.0.evaluate(expression, input, variables);
        match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
            Ok(RuntimeFlavor::MultiThread) => block_in_place(evaluate),
            // There is no other thread that could take over.
            _ => evaluate(),
        }
    }
}
