//! `levqor validate`: every problem of documents, with pointer, line and column.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context;
use levqor_workflow::{Known, Problem};
use serde_json::json;

/// Prints problems as `file:line:column: message`; exit code 1 when there is one.
pub(crate) fn validate(documents: &[PathBuf], as_json: bool) -> anyhow::Result<ExitCode> {
    let names = levqor_worker::registry()
        .describe()
        .iter()
        .map(|activity| activity.name.to_owned())
        .collect();
    let known = Known {
        activities: Some(names),
        ..Known::default()
    };
    let mut found = Vec::new();
    for file in documents {
        let text = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let problems = levqor_workflow::parse(&text, &known).err().unwrap_or_default();
        found.extend(
            problems
                .into_iter()
                .map(|problem| (file.display().to_string(), problem)),
        );
    }
    if as_json {
        let list: Vec<_> = found
            .iter()
            .map(|(file, problem)| json!({"file": file, "problem": problem}))
            .collect();
        println!("{}", serde_json::to_string_pretty(&list)?);
    } else {
        for (file, problem) in &found {
            print(file, problem);
        }
    }
    Ok(if found.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// One problem on one line, in the form that editors jump to.
pub(crate) fn print(file: &str, problem: &Problem) {
    let Problem {
        code,
        pointer,
        line,
        column,
        message,
    } = problem;
    println!(
        "{file}:{line}:{column}: {message} [{code} at {}]",
        if pointer.is_empty() { "/" } else { pointer }
    );
}
