//! Processes that die while a request is under way.

use std::fs;

use anyhow::{Result, ensure};
use reqwest::StatusCode;

use crate::{
    bucket::{Bucket, Moment},
    portal::{Portal, SOON, verify},
};

/// Every time that the process waits for the outside, in the order in which it does.
const MOMENTS: [Moment; 5] = [
    ("PUT", "copy"),
    ("GET", "copy"),
    ("PUT", "package"),
    ("GET", "package"),
    ("DELETE", "copy"),
];

/// The bucket has the request in hand, and has not answered it, when the process dies.
#[tokio::test]
async fn domain_1_1_kill_9_in_every_step_gives_one_package_and_one_mail() -> Result<()> {
    let bucket = Bucket::start().await?;
    let settings = [
        ("LEVQOR_OBJECTS", bucket.setting()),
        ("LEVQOR_S3_ACCESS_KEY", "AKID".to_owned()),
        ("LEVQOR_S3_SECRET_KEY", "secret".to_owned()),
        ("LEVQOR_WORKER_LEASE", "4".to_owned()),
    ];
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    bucket.hang_at(Some(MOMENTS[0]));
    let mut portal = Portal::open_with(&settings).await?;
    let id = portal.ask().await?;
    for number in 1..=MOMENTS.len() {
        bucket.hung(number, SOON).await?;
        bucket.hang_at(MOMENTS.get(number).copied());
        portal.kill_and_start().await?;
    }
    portal.becomes(&id, "ready").await?;
    let token = portal.token("/data-export/download").await?;
    ensure!(portal.links()?.len() == 1, "{:?}", portal.links()?);
    ensure!(bucket.keys().len() == 1, "{:?}", bucket.keys());

    let code = portal.code(&id).await?;
    let zip = portal
        .form("/api/data-export/download", &[("token", &token), ("code", &code)])
        .await?;
    ensure!(zip.status() == StatusCode::OK, "{}", zip.status());
    let file = portal.folder.path().join("export.zip");
    fs::write(&file, zip.bytes().await?)?;
    ensure!(verify(&file, &[]).await?.0);
    Ok(())
}
