//! `levqor reference`: pages of documentation that are made from the code.

use std::{fmt::Write as _, fs, path::Path, process::ExitCode};

use anyhow::Context;
use clap::Args;

use crate::config::Settings;

/// Writes the pages, or compares them and fails when one differs.
pub(crate) fn reference(folder: &Path, check: bool) -> anyhow::Result<ExitCode> {
    let pages = [
        ("configuration.md", configuration()),
        ("metrics.md", crate::wiring::metrics::reference()?),
        ("errors.md", levqor_api::reference()),
    ];
    let mut differs = false;
    for (name, text) in pages {
        let file = folder.join(name);
        if !check {
            fs::create_dir_all(folder)?;
            fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))?;
        } else if fs::read_to_string(&file).unwrap_or_default() != text {
            eprintln!("{} differs; run `levqor reference`", file.display());
            differs = true;
        }
    }
    Ok(if differs {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// One table row for each setting, from the flags' own help.
fn configuration() -> String {
    let mut page = "# Configuration\n\nMade by `levqor reference`. A setting is a flag, an environment variable or a key \
         of the file named by `--config` (`levqor.toml` when it exists); flags win over variables, variables over the \
         file.\n\n| flag | variable | key | what |\n|---|---|---|---|\n"
        .to_owned();
    for argument in Settings::augment_args(clap::Command::new("levqor")).get_arguments() {
        let key = argument.get_id().as_str();
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let flag = argument.get_long().unwrap_or(key);
        let variable = key.to_uppercase();
        // Writing to a String cannot fail.
        let _written = writeln!(
            page,
            "| `--{flag}` | `LEVQOR_{variable}` | `{key}` | {} |",
            help.replace('|', "\\|")
        );
    }
    page
}
