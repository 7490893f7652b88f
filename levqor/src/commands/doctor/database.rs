//! Whether the database answers, is up to date and has its settings; what the server is; whether clocks agree.

use levqor_entities::tenants;
use levqor_store::{Db, StoreError};

use super::{clock, finding::Finding, server};
use crate::{
    config::{Config, Database},
    wiring,
};

const NAME: &str = "database";

/// Opening it checks migrations and planner settings; then a row is read.
pub(super) async fn check(config: &Config) -> Vec<Finding> {
    if let Database::Sqlite(folder) = &config.database
        && !folder.join("levqor.db").exists()
    {
        let found = format!("{} has none yet; `levqor up` makes it", folder.display());
        return vec![Finding::ok(NAME, found)];
    }
    match read(config).await {
        Ok(findings) => findings,
        Err(error) => vec![failed(&error)],
    }
}

async fn read(config: &Config) -> anyhow::Result<Vec<Finding>> {
    let db = wiring::read(config).await?;
    tenants::find_by_name("levqor").one(db.reader()).await?;
    Ok(vec![
        Finding::ok(NAME, "answers, is up to date and has its settings"),
        schema(&db).await?,
        server::check(&db.server().await?),
        clock::check(&db).await?,
    ])
}

/// Opening refused a schema that lacks a migration of this program, so what is left to say is which it is.
async fn schema(db: &Db) -> anyhow::Result<Finding> {
    let version = levqor_migration::version(db.reader().unbounded()).await?;
    let version = version.unwrap_or_else(|| "none".to_owned());
    let program = env!("CARGO_PKG_VERSION");
    Ok(Finding::ok(
        "schema",
        format!("{version}, as levqor {program} needs it"),
    ))
}

fn failed(error: &anyhow::Error) -> Finding {
    let action = match error.downcast_ref::<StoreError>() {
        Some(StoreError::Unavailable(_)) => "Start it, or correct database_url.",
        _ => "Do what the text says; `levqor migrate` brings the schema up to date.",
    };
    Finding::fail(NAME, format!("{error:#}"), action)
}
