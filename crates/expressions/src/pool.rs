//! A few warm helpers, started on demand.

use std::sync::atomic::Ordering;

use parking_lot::{Condvar, Mutex};
use serde_json::Value;

use crate::{
    ExpressionError, Options, Stats,
    process::{Broken, Contents, Helper},
    program::Program,
};

#[derive(Default)]
pub(crate) struct Pool {
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Helper>,
    busy: usize,
}

impl Pool {
    /// Evaluates in a helper. Waits while all are busy: each of those is bounded by the time limit.
    pub(crate) fn evaluate(
        &self,
        options: &Options,
        stats: &Stats,
        program: &Program,
        contents: &Contents<'_>,
    ) -> Result<Value, ExpressionError> {
        let mut lease = self.lease(options.helpers.max(1));
        if let Some(mut helper) = lease.helper.take().filter(|helper| !helper.is_stale()) {
            match helper.evaluate(program, contents, options.timeout) {
                Ok(result) => return lease.give_back(helper, result),
                // It ended for lack of work at this very moment.
                Err(Broken::Ended) => {}
                Err(broken) => return Err(died(&broken, options, stats)),
            }
        }
        let mut helper = Helper::start(options).map_err(|error| {
            tracing::error!(%error, "no expression helper");
            ExpressionError::new("the expression helper cannot be started")
        })?;
        match helper.evaluate(program, contents, options.timeout) {
            Ok(result) => lease.give_back(helper, result),
            Err(broken) => Err(died(&broken, options, stats)),
        }
    }

    fn lease(&self, most: usize) -> Lease<'_> {
        let mut state = self.state.lock();
        while state.busy >= most {
            self.returned.wait(&mut state);
        }
        state.busy += 1;
        Lease {
            helper: state.idle.pop(),
            pool: self,
        }
    }
}

fn died(broken: &Broken, options: &Options, stats: &Stats) -> ExpressionError {
    stats.deaths.fetch_add(1, Ordering::Relaxed);
    tracing::warn!(?broken, "an expression cost its helper");
    match broken {
        Broken::Timeout => {
            let limit = options.timeout.as_millis();
            ExpressionError(format!("the expression took longer than {limit} ms"))
        }
        Broken::Died(what) => ExpressionError(format!("the expression {what}")),
        Broken::Ended => ExpressionError::new("the expression helper ended"),
    }
}

/// The right to use one helper, given back on drop.
struct Lease<'a> {
    helper: Option<Helper>,
    pool: &'a Pool,
}

impl Lease<'_> {
    fn give_back<T>(mut self, helper: Helper, result: T) -> T {
        self.helper = Some(helper);
        result
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state.lock();
        state.busy -= 1;
        state.idle.extend(self.helper.take());
        drop(state);
        self.pool.returned.notify_one();
    }
}
