//! Secrets that `levqor up` makes and keeps in its data folder, readable by their owner only.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;

use crate::{
    config::{Config, Database},
    system,
};

/// The API key of the first tenant.
const KEY: &str = "api-key";

/// The installation's secret key, in hexadecimal.
const SECRET: &str = "secret-key";

/// The API key of an earlier start.
pub(super) fn stored_key(config: &Config) -> anyhow::Result<Option<String>> {
    read(&folder(config)?.join(KEY))
}

/// Keeps the API key for later starts.
pub(super) fn store_key(config: &Config, key: &str) -> anyhow::Result<()> {
    write(&folder(config)?.join(KEY), key)
}

/// The secret key of an earlier start, or a new one.
pub(super) fn secret_key(config: &Config) -> anyhow::Result<[u8; 32]> {
    let file = folder(config)?.join(SECRET);
    let Some(text) = read(&file)? else {
        let key = system::secret_bytes();
        write(&file, &hex::encode(key))?;
        return Ok(key);
    };
    let mut key = [0; 32];
    hex::decode_to_slice(&text, &mut key).with_context(|| format!("{} is damaged", file.display()))?;
    Ok(key)
}

fn folder(config: &Config) -> anyhow::Result<PathBuf> {
    match &config.database {
        Database::Sqlite(folder) => Ok(folder.clone()),
        Database::Postgres(_) => anyhow::bail!("there is no data folder on Postgres: set secret_key"),
    }
}

fn read(file: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", file.display())),
    }
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    let mut opened = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?;
    writeln!(opened, "{text}")?;
    Ok(opened.sync_all()?)
}
