//! What is verified.

use anyhow::{Context, ensure};
use levqor_verify::{
    history::Capacity,
    installation::{Installation, Settings},
};

use super::arguments::{On, VerifyArgs};

/// Runs a worker holds at most, where nothing else is set.
const SLOTS: usize = 512;

/// Starts it, or takes the one that is there: with its API keys.
pub(super) async fn start(arguments: &VerifyArgs) -> anyhow::Result<(Installation, Vec<String>)> {
    if let (Some(url), Some(file)) = (&arguments.url, &arguments.api_key_file) {
        let text = std::fs::read_to_string(file);
        let text = text.with_context(|| format!("{} cannot be read", file.display()))?;
        let keys: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        ensure!(!keys.is_empty(), "{} holds no key", file.display());
        let installation = Installation::outside(url, &keys[0], arguments.fault.clone());
        return Ok((installation, keys));
    }
    let mut settings = Settings::new(std::env::current_exe()?);
    settings.workers = arguments.workers;
    let installation = match arguments.on {
        On::Embedded => Installation::embedded(&settings).await?,
        On::PostgresRedis => Installation::fleet(&settings).await?,
    };
    let key = installation.key().to_owned();
    Ok((installation, vec![key]))
}

/// Its name in the report.
pub(super) fn name(arguments: &VerifyArgs) -> String {
    match (&arguments.url, arguments.on) {
        (Some(url), _) => url.clone(),
        (None, On::Embedded) => "embedded".to_owned(),
        (None, On::PostgresRedis) => "postgres-redis".to_owned(),
    }
}

/// What its workers hold.
pub(super) fn capacity(arguments: &VerifyArgs) -> Capacity {
    let is_one = arguments.url.is_none() && arguments.on == On::Embedded;
    Capacity {
        workers: if is_one { 1 } else { arguments.workers },
        slots: SLOTS,
    }
}
