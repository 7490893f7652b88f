//! `levqor dsar`: packages of people's data.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Args, Subcommand};
use levqor_dsar::package::verify::{Fault, Verified, verify};
use serde_json::json;

/// Packages of people's data.
#[derive(Subcommand, Debug)]
pub(crate) enum DsarCommand {
    /// Check a package offline: sizes, digests, signature, nothing more in it; exit code 1 when something is wrong
    Verify(VerifyArgs),
}

/// What to check.
#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// The ZIP
    file: PathBuf,
    /// Key it must be signed by, 64 hexadecimal digits, as the download page shows it
    #[arg(long, value_name = "HEX")]
    key: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub(crate) fn dsar(command: &DsarCommand) -> anyhow::Result<ExitCode> {
    let DsarCommand::Verify(arguments) = command;
    let key = arguments.key.as_deref().map(parsed).transpose()?;
    let file = arguments.file.display();
    let package = fs::read(&arguments.file).with_context(|| format!("{file} cannot be read"))?;
    let outcome = verify(&package, key);
    if arguments.json {
        println!("{}", as_json(&outcome));
    } else {
        print(&file.to_string(), &outcome, key.is_some());
    }
    Ok(if outcome.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn parsed(text: &str) -> anyhow::Result<[u8; 32]> {
    let mut key = [0; 32];
    hex::decode_to_slice(text, &mut key).context("--key must be 64 hexadecimal digits")?;
    Ok(key)
}

fn as_json(outcome: &Result<Verified, Vec<Fault>>) -> serde_json::Value {
    match outcome {
        Ok(good) => json!({
            "valid": true, "request": good.request, "files": good.files, "bytes": good.bytes, "key": good.key,
        }),
        Err(faults) => {
            let fault = |fault: &Fault| json!({"file": fault.file, "what": fault.what});
            json!({"valid": false, "faults": faults.iter().map(fault).collect::<Vec<_>>()})
        }
    }
}

fn print(file: &str, outcome: &Result<Verified, Vec<Fault>>, known: bool) {
    match outcome {
        Ok(good) => {
            println!(
                "{file} is whole: {} files, {} bytes, request {}",
                good.files, good.bytes, good.request
            );
            let whose = if known {
                "the key that was expected"
            } else {
                "compare it with the one on the download page"
            };
            println!("signed by {} ({whose})", good.key);
        }
        Err(faults) => {
            println!("{file} is not as it was signed:");
            for fault in faults {
                println!("  {fault}");
            }
        }
    }
}
