//! `levqor status show`: reads beside a running server.

use levqor_status::{Status, WINDOWS, status, word};
use serde_json::{Value, json};

use crate::{commands::moment, config::Config, wiring};

/// Prints the status.
pub(super) async fn show(config: &Config, as_json: bool) -> anyhow::Result<()> {
    let db = wiring::read(config).await?;
    let found = status(&db).await?;
    if as_json {
        println!("{}", object(&found));
    } else {
        print(&found);
    }
    Ok(())
}

fn object(status: &Status) -> Value {
    let windows = WINDOWS.iter().zip(&status.uptime);
    let uptime: Vec<Value> = windows
        .map(|((period, _), found)| {
            json!({"period": period, "uptime": found.up(), "operational": found.good(), "coverage": found.coverage()})
        })
        .collect();
    let incidents: Vec<Value> = status
        .incidents
        .iter()
        .map(|told| {
            let incident = &told.incident;
            json!({
                "id": incident.id, "title": incident.title, "impact": incident.impact, "component": incident.component,
                "started_at": moment(incident.opened_at), "resolved_at": incident.closed_at.map(moment),
            })
        })
        .collect();
    json!({
        "status": status.state, "last_updated": status.measured_at.map(moment), "components": status.components,
        "uptime": uptime, "incidents": incidents,
    })
}

fn print(status: &Status) {
    let measured = status.measured_at.map_or_else(|| "never".to_owned(), moment);
    println!("{}, measured {measured}", word(status.state));
    for component in &status.components {
        let why = component.why.as_deref().unwrap_or_default();
        println!("  {:<18} {:<12} {why}", component.label(), word(component.state));
    }
    let share = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |s| format!("{:.2} %", s * 100.0));
    for ((period, _), found) in WINDOWS.iter().zip(&status.uptime) {
        let (up, coverage) = (share(found.up()), share(Some(found.coverage())));
        println!("uptime of {period}: {up} of what was measured, which is {coverage}");
    }
    for told in &status.incidents {
        let incident = &told.incident;
        let end = incident.closed_at.map_or_else(|| "open".to_owned(), moment);
        println!(
            "{}  {}  {} to {end}",
            incident.id,
            incident.title,
            moment(incident.opened_at)
        );
    }
}
