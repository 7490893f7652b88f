//! The evaluator: fast path first, a helper for the rest.

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::Value;

use crate::{Evaluate, Expression, ExpressionError, Variables, fast, pool::Pool, process::Contents};

/// How to start a helper: a program that calls [`crate::helper_main`]. It gets no environment.
#[derive(Clone, Debug)]
pub struct HelperCommand {
    /// Absolute path.
    pub program: PathBuf,
    /// Arguments, e.g. the hidden sub-command.
    pub args: Vec<OsString>,
}

/// Limits of one evaluation, and the helper that keeps them.
#[derive(Clone, Debug)]
pub struct Options {
    /// What to start.
    pub helper: HelperCommand,
    /// Wall-clock limit of an evaluation; the helper is killed at it. Default 500 ms.
    pub timeout: Duration,
    /// Bytes of memory a helper may use. Default 256 MiB.
    pub memory: u64,
    /// Longest result as JSON text, in bytes. Default 1 MiB.
    pub output_bytes: usize,
    /// Most helpers at once; further evaluations wait. Default 2.
    pub helpers: usize,
}

impl Options {
    /// The defaults, with this helper.
    pub fn new(helper: HelperCommand) -> Self {
        Self {
            helper,
            timeout: Duration::from_millis(500),
            memory: 256 * 1024 * 1024,
            output_bytes: 1024 * 1024,
            helpers: 2,
        }
    }
}

/// Counters since start.
#[derive(Debug, Default)]
pub struct Stats {
    /// Evaluations done in this process.
    pub fast: AtomicU64,
    /// Evaluations given to a helper.
    pub slow: AtomicU64,
    /// Helpers lost to an expression: time, memory, stack.
    pub deaths: AtomicU64,
}

/// Evaluates expressions within [`Options`]. Cheap to clone; clones share helpers and counters. Blocks the calling
/// thread while a helper works: in an asynchronous runtime call it where blocking is allowed.
#[derive(Clone)]
pub struct Evaluator {
    shared: Arc<Shared>,
}

struct Shared {
    options: Options,
    stats: Stats,
    pool: Pool,
}

impl Evaluator {
    /// No process is started before the first expression that needs one.
    pub fn new(options: Options) -> Self {
        Self {
            shared: Arc::new(Shared {
                options,
                stats: Stats::default(),
                pool: Pool::default(),
            }),
        }
    }

    /// Counters for metrics.
    pub fn stats(&self) -> &Stats {
        &self.shared.stats
    }
}

impl Evaluate for Evaluator {
    fn evaluate(
        &self,
        expression: &Expression,
        input: &Value,
        variables: &Variables<'_>,
    ) -> Result<Value, ExpressionError> {
        if let Some(done) = self.evaluate_in_place(expression, input, variables) {
            return done;
        }
        let Shared { options, stats, pool } = &*self.shared;
        let program = expression.program();
        let contents = Contents::new(program, input, &program.values(variables)?)?;
        stats.slow.fetch_add(1, Ordering::Relaxed);
        pool.evaluate(options, stats, program, &contents)
    }

    fn evaluate_in_place(
        &self,
        expression: &Expression,
        input: &Value,
        variables: &Variables<'_>,
    ) -> Option<Result<Value, ExpressionError>> {
        let Shared { options, stats, .. } = &*self.shared;
        let program = expression.program();
        let variables = match program.values(variables) {
            Ok(values) => values,
            Err(error) => return Some(Err(error)),
        };
        let value = fast::evaluate(program, input, &variables, options.output_bytes)?;
        stats.fast.fetch_add(1, Ordering::Relaxed);
        Some(Ok(value))
    }
}
