//! `levqor doctor`: whether this installation can work, and what to do where it cannot. It changes nothing.

mod database;
mod finding;
mod mail;
mod notion;
mod objects;
mod public_url;
mod queue;
mod secret_key;
mod stripe;

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use self::finding::{Finding, State};
use crate::{config::Config, wiring};

/// What is asked.
#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Send a test mail to this address, past the outbox
    #[arg(long, value_name = "ADDRESS")]
    mail_to: Option<String>,
}

/// Prints what every check found; exit code 1 when one failed.
pub(crate) async fn doctor(
    config: anyhow::Result<Config>,
    arguments: &DoctorArgs,
) -> anyhow::Result<ExitCode> {
    let findings = match config {
        Ok(config) => examine(&config, arguments.mail_to.as_deref()).await,
        Err(error) => vec![Finding::fail(
            "configuration",
            format!("{error:#}"),
            "Correct the setting; docs/reference/configuration.md lists all.",
        )],
    };
    let failed = findings.iter().any(|finding| finding.state == State::Fail);
    if arguments.json {
        println!("{}", json!({"ok": !failed, "checks": findings}));
    } else {
        findings.iter().for_each(print);
    }
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// All checks, in the order they are shown. A new one is a file and a line here.
async fn examine(config: &Config, mail_to: Option<&str>) -> Vec<Finding> {
    let egress = wiring::egress(config).await;
    let mut findings = vec![
        Finding::ok("configuration", "can be read; `levqor config` shows it"),
        database::check(config).await,
        queue::check(config).await,
        secret_key::check(config),
        public_url::check(config),
        objects::check(config).await,
        mail::check(config),
        mail::reports(config),
        stripe::events(config),
        stripe::portal(config),
        notion::check(config, &egress).await,
    ];
    if let Some(address) = mail_to {
        findings.push(mail::send(config, &egress, address).await);
    }
    findings
}

fn print(finding: &Finding) {
    let state = match finding.state {
        State::Ok => "ok",
        State::Warn => "warn",
        State::Fail => "FAIL",
    };
    println!("{state:<5} {:<14} {}", finding.name, finding.found);
    if let Some(action) = finding.action {
        println!("{:<21}-> {action}", "");
    }
}
