//! `levqor verify`: an installation under load and faults, and whether it kept its promises. Exit code 0: every verdict
//! holds; 1: one is violated, or a report is not believed; 2: it could not be run.

mod arguments;
mod check;
mod keys;
mod target;

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use levqor_store::{Clock, IdSource};
use levqor_verify::{
    report::{Origin, Report, Signer, table},
    session::{self, Options},
};

pub(crate) use arguments::VerifyArgs;

use super::moment;
use crate::system::{SystemClock, SystemIds};

/// Exit code when it could not be run.
const NOT_RUN: u8 = 2;

/// Verifies, or checks a report.
pub(crate) async fn verify(arguments: &VerifyArgs) -> ExitCode {
    let done = match &arguments.check_report {
        Some(file) => check::check(file, arguments.public_key.as_deref(), arguments.json),
        None => run(arguments).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("levqor: it could not be verified: {error:#}");
            ExitCode::from(NOT_RUN)
        }
    }
}

/// Whether every verdict holds.
async fn run(arguments: &VerifyArgs) -> anyhow::Result<bool> {
    let begun_at = moment(SystemClock.now());
    let signer = Signer::new(&keys::seed(arguments.signing_key.as_deref())?)?;
    let seed = arguments.seed.unwrap_or_else(|| SystemIds.random());
    tell(format!("{}, seed {seed}", target::name(arguments)));
    let (installation, keys) = target::start(arguments).await?;
    let options = Options {
        seed,
        duration: arguments.duration,
        rate: arguments.rate,
        faults: arguments.kinds(&installation),
        keys,
        effects: arguments.effects,
        namespace: format!("verify-{:08x}", SystemIds.random() >> 32),
        capacity: target::capacity(arguments),
        foreign: arguments.url.is_some(),
        wall: || SystemClock.now().0,
    };
    let verified = session::verify(&installation, &options, &tell).await?;
    drop(installation);
    if let Some(file) = &arguments.history {
        write(file, &serde_json::to_string(&verified.history)?)?;
    }
    let target = target::name(arguments);
    let origin = Origin {
        version: env!("CARGO_PKG_VERSION"),
        begun_at: &begun_at,
        target: &target,
    };
    let report = Report::new(origin, &options, verified, signer.public());
    tell_result(arguments, &report, &signer)?;
    Ok(report.holds)
}

fn tell_result(arguments: &VerifyArgs, report: &Report, signer: &Signer) -> anyhow::Result<()> {
    if let Some(file) = &arguments.report {
        write(file, &signer.sign(report)?)?;
    }
    if arguments.json {
        println!("{}", serde_json::to_string(report)?);
        return Ok(());
    }
    print!("{}", table(report)?);
    if let Some(file) = &arguments.report {
        println!(
            "signed report in {}, public key {}",
            file.display(),
            report.public_key
        );
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

#[expect(clippy::needless_pass_by_value, reason = "the form of a progress listener")]
fn tell(line: String) {
    eprintln!("verify: {line}");
}
