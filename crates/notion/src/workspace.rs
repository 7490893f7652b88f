//! What the sender needs of Notion.

use async_trait::async_trait;
use serde_json::Value;

use crate::Failure;

/// A Notion workspace: pages with properties, in data sources.
#[async_trait]
pub trait Workspace: Send + Sync + 'static {
    /// The page of a data source with this external id; its id.
    async fn find(&self, data_source: &str, external_id: &str) -> Result<Option<String>, Failure>;

    /// Makes a page; its id. A repeat makes another: ask [`Workspace::find`] first.
    async fn create(&self, data_source: &str, properties: &Value) -> Result<String, Failure>;

    /// Changes properties of a page; those that are not named stay.
    async fn update(&self, page: &str, properties: &Value) -> Result<(), Failure>;
}
