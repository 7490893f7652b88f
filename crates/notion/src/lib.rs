//! Sync to the operator's Notion databases. What is to be there is written into a table ([`upsert`]) and sent by the
//! scheduler ([`Sender`]), so that Notion being slow or away is nobody's trouble.
//!
//! A row is found again by its external id: Notion has no idempotency keys, so a create whose answer was lost is
//! repaired by asking for the id before creating again. Which fields go where is a table, [`DATASETS`].

mod client;
mod datasets;
mod failure;
mod feed;
mod properties;
mod run;
mod sender;
mod upsert;
mod workspace;

pub use client::{Client, NOTION_URL, NOTION_VERSION};
pub use datasets::{DATASETS, Databases, Dataset, dataset};
pub use failure::Failure;
pub use feed::collect;
pub use run::run_row;
pub use sender::{Sender, Sent};
pub use upsert::{Row, upsert};
pub use workspace::Workspace;
