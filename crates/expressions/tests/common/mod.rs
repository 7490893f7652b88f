//! Options of an evaluator over the helper program of this crate.

use std::time::Duration;

use levqor_expressions::{HelperCommand, Options};

/// Time enough for a loaded machine.
pub(crate) const PATIENT: Duration = Duration::from_secs(20);

pub(crate) fn options(timeout: Duration) -> Options {
    let program = env!("CARGO_BIN_EXE_levqor-expression-helper").into();
    Options {
        timeout,
        ..Options::new(HelperCommand {
            program,
            args: Vec::new(),
        })
    }
}
