//! Room for recursion: jaq's lexer, parser and compiler recurse once per nested term.

use std::thread;

use crate::ExpressionError;

/// Enough for 8 KiB of the deepest nesting there is (`-` after `-`), in an unoptimised build too. Only touched pages
/// cost memory.
pub(crate) const BYTES: usize = 128 * 1024 * 1024;

/// Runs `work` on a thread with [`BYTES`] of stack; a panic in it is an error.
pub(crate) fn with_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, ExpressionError> {
    thread::scope(|scope| {
        thread::Builder::new()
            .name("expression".into())
            .stack_size(BYTES)
            .spawn_scoped(scope, work)
            .map_err(|error| ExpressionError::new(format!("no thread for the expression: {error}")))?
            .join()
            .map_err(|_| ExpressionError::new("the expression made the jq library fail"))
    })
}
