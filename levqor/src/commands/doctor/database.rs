//! Whether the database answers, is up to date and has its settings.

use levqor_entities::tenants;
use levqor_store::StoreError;

use super::finding::Finding;
use crate::{
    config::{Config, Database},
    wiring,
};

const NAME: &str = "database";

/// Opening it checks migrations and planner settings; then a row is read.
pub(super) async fn check(config: &Config) -> Finding {
    if let Database::Sqlite(folder) = &config.database
        && !folder.join("levqor.db").exists()
    {
        let found = format!("{} has none yet; `levqor up` makes it", folder.display());
        return Finding::ok(NAME, found);
    }
    match read(config).await {
        Ok(()) => Finding::ok(NAME, "answers, is up to date and has its settings"),
        Err(error) => failed(&error),
    }
}

async fn read(config: &Config) -> anyhow::Result<()> {
    let db = wiring::read(config).await?;
    tenants::find_by_name("levqor").one(db.reader()).await?;
    Ok(())
}

fn failed(error: &anyhow::Error) -> Finding {
    let action = match error.downcast_ref::<StoreError>() {
        Some(StoreError::Unavailable(_)) => "Start it, or correct database_url.",
        _ => "Do what the text says; `levqor migrate` brings the schema up to date.",
    };
    Finding::fail(NAME, format!("{error:#}"), action)
}
