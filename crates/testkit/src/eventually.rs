//! Waiting for a condition that has no event of its own.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Asks `condition` every 10 ms until it answers true; an error when it has not within `deadline`.
pub async fn eventually<F, Fut>(deadline: Duration, mut condition: F) -> Result<()>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = bool>,
{
    let start = Instant::now();
    while !condition().await {
        if start.elapsed() > deadline {
            bail!("the condition did not hold within {deadline:?}");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}
