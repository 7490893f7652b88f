//! Databases that a previous release left, in `tests/fixtures/upgrade`: see CONTRIBUTING.md for how they are made.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use levqor_testkit::levqor_binary;
use levqor_tests::{DataFolder, Fleet, Left, SETTINGS};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/upgrade")
        .join(name)
}

fn unpacked(name: &str) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    let packed = fs::File::open(file(name)).with_context(|| name.to_owned())?;
    GzDecoder::new(packed).read_to_end(&mut content)?;
    Ok(content)
}

fn left(name: &str) -> Result<Left> {
    Left::from_json(&fs::read_to_string(file(name))?)
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_a_previous_release_left_in_an_embedded_database_go_on() -> Result<()> {
    let data = DataFolder::new(&SETTINGS)?;
    fs::write(data.path().join("levqor.db"), unpacked("embedded.db.gz")?)?;
    let server = data.start().await?;
    left("embedded.json")?.go_on(&server.client).await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_a_previous_release_left_on_postgres_go_on() -> Result<()> {
    let dump = String::from_utf8(unpacked("postgres.sql.gz")?)?;
    let fleet = Fleet::prepare_of(&levqor_binary()?, Some(&dump), &SETTINGS).await?;
    fleet.add_all(1).await?;
    left("postgres.json")?.go_on(&fleet.client).await
}
