//! Whether Notion can be kept up to date.

use levqor_egress::Egress;
use levqor_notion::Client;

use super::finding::Finding;
use crate::config::Config;

const NAME: &str = "notion";

/// Asks Notion for each data source that is configured.
pub(super) async fn check(config: &Config, egress: &Egress) -> Finding {
    let settings = &config.notion;
    let Some(token) = &settings.token else {
        let found = "off: notion_token is not set; what would be sent is kept for 90 days";
        return Finding::ok(NAME, found);
    };
    let client = Client::new(egress.clone(), &settings.url, token);
    let mut good = 0;
    for (dataset, id) in settings.databases.iter() {
        if let Err(error) = client.check(id).await {
            return Finding::warn(
                NAME,
                format!("{dataset}: {error}"),
                "Share the database with the integration, and name its data source in notion_databases.",
            );
        }
        good += 1;
    }
    Finding::ok(NAME, format!("{good} data sources answer"))
}
