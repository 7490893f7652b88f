//! `levqor retention verify`.

use levqor_platform::Secrets;
use serde_json::json;

use crate::{commands::up, config::Config, wiring};

/// Checks all certificates; whether none is wrong. Reads beside a running server.
pub(super) async fn verify(config: &Config, as_json: bool) -> anyhow::Result<bool> {
    let db = wiring::read(config).await?;
    let secrets = Secrets::new(up::secret_key(config)?);
    let report = levqor_retention::verify(&db, &secrets).await?;
    if as_json {
        println!("{}", json!(report));
    } else {
        for fault in &report.faults {
            println!(
                "tenant {} certificate {}: {}",
                fault.tenant, fault.number, fault.what
            );
        }
        let (all, chains, faults) = (report.certificates, report.chains, report.faults.len());
        println!(
            "{all} certificates in {chains} chains over {} rows: {faults} faults",
            report.rows
        );
    }
    Ok(report.faults.is_empty())
}
