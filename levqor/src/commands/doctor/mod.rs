//! `levqor doctor`: whether this installation can work, and what to do where it cannot. It changes nothing.

mod clock;
mod database;
mod disk;
mod dns;
mod finding;
mod mail;
mod notion;
mod objects;
mod public_url;
mod queue;
mod secret_key;
mod secrets;
mod server;
mod stripe;
mod webhooks;

use std::{net::SocketAddr, process::ExitCode};

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
    /// Look DNS records up at this server instead of the system's
    #[arg(long, value_name = "ADDRESS:PORT")]
    dns: Option<SocketAddr>,
    /// Selector of the key by which the mail server signs (DKIM); that of Resend is known
    #[arg(long, value_name = "SELECTOR")]
    dkim: Option<String>,
}

/// Prints what every check found; exit code 1 when one failed.
pub(crate) async fn doctor(
    config: anyhow::Result<Config>,
    arguments: &DoctorArgs,
) -> anyhow::Result<ExitCode> {
    let findings = match config {
        Ok(config) => examine(&config, arguments).await,
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
async fn examine(config: &Config, arguments: &DoctorArgs) -> Vec<Finding> {
    let egress = wiring::egress(config).await;
    let asked = dns::Asked {
        server: arguments.dns,
        selector: arguments.dkim.clone(),
    };
    let mut findings = vec![Finding::ok(
        "configuration",
        "can be read; `levqor config` shows it",
    )];
    findings.extend(database::check(config).await);
    findings.extend(queue::check(config).await);
    findings.extend([
        secret_key::check(config),
        secrets::check(config),
        public_url::check(config),
        objects::check(config).await,
        disk::check(config),
        mail::check(config),
        mail::reports(config),
    ]);
    findings.extend(dns::check(config, &asked).await);
    findings.extend([
        stripe::events(config),
        stripe::portal(config),
        webhooks::check(config, &egress).await,
        notion::check(config, &egress).await,
    ]);
    if let Some(address) = &arguments.mail_to {
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
    println!("{state:<5} {:<15} {}", finding.name, finding.found);
    if let Some(action) = finding.action {
        println!("{:<22}-> {action}", "");
    }
}
