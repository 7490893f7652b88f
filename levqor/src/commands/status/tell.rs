//! `levqor status incident`, `note`, `close`.

use std::sync::Arc;

use levqor_queue::{MemoryQueue, Queue};
use levqor_status::{close, note, open};
use levqor_store::IdSource;

use super::StatusCommand;
use crate::{config::Config, system::SystemIds, wiring};

/// Writes what the operator says.
pub(super) async fn tell(config: &Config, command: &StatusCommand) -> anyhow::Result<()> {
    let opened = wiring::open(config).await?;
    let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
    // Nothing is started here, so nobody is to be rung.
    let queue: Arc<dyn Queue> = Arc::new(MemoryQueue::new());
    let platform = wiring::platform(config, &opened.store, &queue, &ids);
    match command {
        StatusCommand::Incident { title, impact } => {
            println!("{}", open(&platform, title, (*impact).into()).await?);
        }
        StatusCommand::Note { incident, text } => note(&platform, *incident, text).await?,
        StatusCommand::Close { incident, note } => close(&platform, *incident, note.as_deref()).await?,
        StatusCommand::Show { .. } => {}
    }
    opened.close().await;
    Ok(())
}
