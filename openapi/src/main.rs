//! Prints the OpenAPI document: `cargo run -p levqor-openapi > openapi/openapi.json`. With `--check [FILE]` it compares
//! the committed document instead, and fails when an operation has changed without it.

use std::{
    io::{Write, stdout},
    path::Path,
};

use anyhow::{Context, bail};

/// Where the document is committed, seen from the root of the repository.
const COMMITTED: &str = "openapi/openapi.json";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] => stdout()
            .write_all(levqor_api::document().as_bytes())
            .context("cannot print the document"),
        ["--check"] => check(Path::new(COMMITTED)),
        ["--check", file] => check(Path::new(file)),
        _ => bail!("usage: levqor-openapi [--check [FILE]]"),
    }
}

fn check(file: &Path) -> anyhow::Result<()> {
    let committed =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let generated = levqor_api::document();
    let mut lines = committed.lines().zip(generated.lines()).enumerate();
    if let Some((index, (old, new))) = lines.find(|(_, (old, new))| old != new) {
        bail!(
            "{} differs from the operations at line {}:\n- {old}\n+ {new}\n{REMEDY}",
            file.display(),
            index + 1
        );
    }
    if committed.len() != generated.len() {
        bail!(
            "{} is shorter or longer than what the operations say.\n{REMEDY}",
            file.display()
        );
    }
    Ok(())
}

const REMEDY: &str = "Write it anew: cargo run -p levqor-openapi > openapi/openapi.json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_document_is_what_the_operations_say() {
        check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json")).unwrap();
    }

    #[test]
    fn a_difference_is_named_with_its_line() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(check(&file).unwrap_err().to_string().contains("at line 1:"));
        assert!(check(Path::new("no such file")).is_err());
    }
}
