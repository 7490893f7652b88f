//! `levqor migrate`: the schema, up to date.

use crate::{config::Config, wiring};

/// Applies what is missing and says so.
pub(crate) async fn migrate(config: &Config) -> anyhow::Result<()> {
    let _lines = wiring::logs(config)?;
    wiring::migrate(config).await?;
    println!("the schema is up to date");
    Ok(())
}
