//! Evaluation without the sandbox.

use serde_json::Value;

use crate::{
    Evaluate, Expression, ExpressionError, Variables,
    frame::Request,
    interpret::Interpreter,
    process::{Contents, parse_result},
    stack::with_deep_stack,
};

/// Evaluates in this process without any limit: for tests with expressions of their own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unconfined;

impl Evaluate for Unconfined {
    fn evaluate(
        &self,
        expression: &Expression,
        input: &Value,
        variables: &Variables<'_>,
    ) -> Result<Value, ExpressionError> {
        let program = expression.program();
        let contents = Contents::new(program, input, &program.values(variables)?)?;
        let request = Request {
            reset: false,
            source: &program.source,
            slots: contents.slots(|_, _| false),
        };
        with_deep_stack(|| {
            let text = Interpreter::new(usize::MAX)
                .answer(&request)
                .map_err(ExpressionError)?;
            parse_result(&text)
        })?
    }
}
