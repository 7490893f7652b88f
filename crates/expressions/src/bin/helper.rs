//! The helper process as a program of its own, for tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    levqor_expressions::helper_main()
}
