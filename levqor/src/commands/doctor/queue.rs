//! Whether the queue answers.

use std::time::Duration;

use super::finding::Finding;
use crate::{
    config::{Config, QueueUrl},
    wiring,
};

const NAME: &str = "queue";

const PATIENCE: Duration = Duration::from_secs(5);

/// One round trip.
pub(super) async fn check(config: &Config) -> Finding {
    if config.queue == QueueUrl::Memory {
        return Finding::ok(NAME, "inside the process");
    }
    let action = "Start it, or correct redis_url. Nothing is lost meanwhile: runs wait in the database.";
    let ping = async {
        let queue = wiring::queue(&config.queue)?;
        Ok::<_, anyhow::Error>(queue.ping().await?)
    };
    match tokio::time::timeout(PATIENCE, ping).await {
        Ok(Ok(())) => Finding::ok(NAME, "answers"),
        Ok(Err(error)) => Finding::fail(NAME, format!("{error:#}"), action),
        Err(_) => Finding::fail(NAME, format!("no answer within {} s", PATIENCE.as_secs()), action),
    }
}
