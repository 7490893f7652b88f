//! Settings of Notion.

use std::fmt;

use anyhow::anyhow;
use levqor_notion::{Databases, NOTION_URL};

use super::Settings;

/// What goes to Notion, and by which token.
#[derive(Clone, Debug)]
pub(crate) struct Notion {
    pub(crate) token: Option<String>,
    pub(crate) url: String,
    pub(crate) databases: Databases,
}

impl Notion {
    pub(super) fn new(s: &Settings) -> anyhow::Result<Self> {
        let databases = Databases::parse(s.notion_databases.as_deref().unwrap_or_default());
        Ok(Self {
            token: s.notion_token.clone().filter(|token| !token.is_empty()),
            url: s
                .notion_url
                .as_deref()
                .unwrap_or(NOTION_URL)
                .trim_end_matches('/')
                .to_owned(),
            databases: databases.map_err(|error| anyhow!("notion_databases: {error}"))?,
        })
    }
}

impl fmt::Display for Notion {
    /// Lines of TOML; the token is `***`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.token.is_some() {
            writeln!(f, "notion_token = \"***\"")?;
        }
        let databases: Vec<String> = self
            .databases
            .iter()
            .map(|(name, id)| format!("{name}={id}"))
            .collect();
        if !databases.is_empty() {
            writeln!(f, "notion_databases = {:?}", databases.join(","))?;
        }
        writeln!(f, "notion_url = {:?}", self.url)
    }
}
