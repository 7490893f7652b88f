//! `levqor audit`: the chains of the audit trail, checked and sealed.

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use clap::Args;
use levqor_audit::{Checkpoint, Fault, Scope, Totals, checkpoint, verify};
use levqor_entities::tenants;
use levqor_platform::Secrets;
use levqor_store::{Db, TenantId};
use serde_json::json;

use super::up;
use crate::{config::Config, wiring};

/// What is checked.
#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// Only this tenant, by name or id
    #[arg(long)]
    tenant: Option<String>,
    /// Only streams of this name, such as dsar
    #[arg(long)]
    stream: Option<String>,
    /// A file that `levqor audit checkpoint` printed: what it covers must still be there
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<std::path::PathBuf>,
    /// Print a JSON line for each fault and one with the totals
    #[arg(long)]
    json: bool,
}

/// Walks the chains and names every entry that is not as it was written; exit code 1 when there is one.
pub(crate) async fn verify_chains(config: &Config, arguments: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let _lines = wiring::logs(config)?;
    let db = wiring::read(config).await?;
    let sealed = arguments
        .checkpoint
        .as_deref()
        .map(|file| read(config, file))
        .transpose()?;
    let scope = Scope {
        tenant: match &arguments.tenant {
            Some(name) => Some(tenant(&db, name).await?),
            None => None,
        },
        stream: arguments.stream.clone(),
    };
    let tell = |fault: &Fault| print_fault(fault, arguments.json);
    let mut totals = verify(&db, &scope, tell).await?;
    if let Some(sealed) = sealed {
        totals.faults += sealed.compare(&db, tell).await?;
    }
    print_totals(totals, arguments.json);
    Ok(if totals.faults == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints the heads of all chains, sealed, to be kept where who can write to the database cannot.
pub(crate) async fn print_checkpoint(config: &Config) -> anyhow::Result<()> {
    let _lines = wiring::logs(config)?;
    let db = wiring::read(config).await?;
    println!("{}", checkpoint(&db, &secrets(config)?).await?);
    Ok(())
}

fn read(config: &Config, file: &Path) -> anyhow::Result<Checkpoint> {
    let text = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Checkpoint::read(&text, &secrets(config)?).with_context(|| file.display().to_string())
}

fn secrets(config: &Config) -> anyhow::Result<Secrets> {
    up::secret_key(config).map(Secrets::new)
}

async fn tenant(db: &Db, name: &str) -> anyhow::Result<TenantId> {
    let found = tenants::find_by_name(name).one(db.reader()).await?;
    match found {
        Some(tenant) => Ok(tenant.id),
        None => name.parse().with_context(|| format!("there is no tenant {name}")),
    }
}

fn print_fault(fault: &Fault, as_json: bool) {
    let Fault {
        tenant,
        stream,
        seq,
        wrong,
    } = fault;
    if as_json {
        let line = json!({"tenant": tenant, "stream": stream, "seq": seq, "fault": wrong.name(), "detail": wrong.to_string()});
        println!("{line}");
    } else {
        println!("tenant {tenant} stream {stream} entry {seq}: {wrong}");
    }
}

fn print_totals(totals: Totals, as_json: bool) {
    let Totals {
        chains,
        entries,
        erased,
        faults,
    } = totals;
    if as_json {
        println!(
            "{}",
            json!({"chains": chains, "entries": entries, "erased": erased, "faults": faults})
        );
    } else {
        println!("{chains} chains, {entries} entries ({erased} of them erased): {faults} faults");
    }
}
