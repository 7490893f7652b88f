//! Makes the databases of a previous release that `tests/upgrade` restores: runs of every kind under way, left by a kill -9.
//!
//! `scripts/make-upgrade-fixture PROGRAM` calls it; `LEVQOR_BIN` is that program.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use levqor_testkit::levqor_binary;
use levqor_tests::{DataFolder, Fleet, Left, SETTINGS};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

#[tokio::main]
async fn main() -> Result<()> {
    let folder = std::env::args().nth(1).context("name the folder to write to")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    embedded(folder).await?;
    postgres(folder).await
}

async fn embedded(folder: &Path) -> Result<()> {
    let data = DataFolder::new(&SETTINGS)?;
    let server = data.start().await?;
    let left = Left::make(&server.client).await?;
    server.process.kill().await?;
    fs::write(folder.join("embedded.json"), left.to_json()?)?;
    // With what is in its log, and without what is empty.
    let whole = data.path().join("whole.db");
    let mut database = data.database().connect().await?;
    let into = format!("VACUUM INTO '{}'", whole.display());
    sqlx::query(AssertSqlSafe(into)).execute(&mut database).await?;
    database.close().await?;
    pack(&fs::read(whole)?, &folder.join("embedded.db.gz"))
}

async fn postgres(folder: &Path) -> Result<()> {
    let fleet = Fleet::prepare_of(&levqor_binary()?, None, &SETTINGS).await?;
    fleet.add_all(1).await?;
    let left = Left::make(&fleet.client).await?;
    fleet.kill_all().await?;
    fs::write(folder.join("postgres.json"), left.to_json()?)?;
    pack(fleet.dump()?.as_bytes(), &folder.join("postgres.sql.gz"))
}

fn pack(content: &[u8], file: &Path) -> Result<()> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(content)?;
    Ok(fs::write(file, packed.finish()?)?)
}
