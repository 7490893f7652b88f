//! The specification's own documents: examples, conformance kit, and those that must be refused.
//!
//! They lie outside the project; without them these tests say so and check nothing.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use levqor_workflow::{Known, Problem, parse};

/// `LEVQOR_CONFORMANCE`, or `../shared/conformance` beside the workspace; none when absent.
fn folder(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LEVQOR_CONFORMANCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance"),
        PathBuf::from,
    );
    let folder = root.join("ows").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there is no {}", folder.display());
    None
}

fn files(folder: &Path, extension: &str) -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

/// Texts between `"""yaml` and `"""` that follow a line with `definition:`.
fn definitions(feature: &str) -> Vec<String> {
    let mut definitions = Vec::new();
    let mut lines = feature.lines();
    while let Some(line) = lines.next() {
        if line.contains("workflow with definition:") {
            let body = lines.by_ref().skip(1).take_while(|line| line.trim() != "\"\"\"");
            definitions.push(body.collect::<Vec<_>>().join("\n"));
        }
    }
    definitions
}

/// Parses or is refused for constructs that come later, nothing else; says which.
fn is_understood(name: &str, text: &str) -> bool {
    let refused = parse(text.as_bytes(), &Known::default()).err();
    let others: Vec<&Problem> = refused
        .iter()
        .flatten()
        .filter(|problem| problem.code != "unsupported_construct")
        .collect();
    assert!(others.is_empty(), "{name}: {others:#?}");
    refused.is_none()
}

#[test]
fn every_example_is_understood() {
    let Some(folder) = folder("examples") else { return };
    let examples = files(&folder, "yaml");
    assert!(!examples.is_empty());
    let parsed = examples
        .iter()
        .filter(|(name, text)| is_understood(name, text))
        .count();
    println!("{parsed} of {} examples are supported", examples.len());
    assert!(parsed >= 15, "{parsed}");
}

#[test]
fn every_definition_of_the_conformance_kit_is_understood() {
    for kit in ["ctk", "ctk-1.0.3"] {
        let Some(folder) = folder(kit) else { continue };
        let scenarios: Vec<_> = files(&folder, "feature")
            .into_iter()
            .flat_map(|(name, text)| {
                definitions(&text)
                    .into_iter()
                    .map(move |text| (name.clone(), text))
            })
            .collect();
        assert!(!scenarios.is_empty());
        let parsed = scenarios
            .iter()
            .filter(|(name, text)| is_understood(name, text))
            .count();
        println!("{kit}: {parsed} of {} definitions are supported", scenarios.len());
        assert!(parsed >= 10, "{parsed}");
    }
}

#[test]
fn every_invalid_document_is_refused() {
    let Some(folder) = folder("schema/invalid-fixtures") else {
        return;
    };
    let invalid = files(&folder, "yaml");
    assert_eq!(invalid.len(), 3);
    for (name, text) in invalid {
        let problems = parse(text.as_bytes(), &Known::default()).expect_err(&name);
        assert!(
            problems
                .iter()
                .any(|problem| problem.code != "unsupported_construct"),
            "{name}: {problems:#?}"
        );
    }
}
