//! The mails of the demo, read from the folder that they are sent to.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Context;
use levqor_entities::mails;
use levqor_store::Db;

use super::client::patiently;

/// Where mails arrive.
pub(super) struct Letters {
    pub(super) folder: PathBuf,
    pub(super) db: Db,
}

impl Letters {
    /// The first text that begins with `start`, up to white space or a quote, in a mail of this template.
    pub(super) async fn find(&self, template: &str, start: &str) -> anyhow::Result<String> {
        patiently(&format!("a mail {template} with {start}"), async || {
            for mail in self.sent(template).await? {
                let file = self.folder.join(format!("{}.eml", mail.id));
                let raw = std::fs::read(&file).with_context(|| file.display().to_string())?;
                let text = quoted_printable::decode(raw, quoted_printable::ParseMode::Robust)?;
                let text = String::from_utf8_lossy(&text);
                if let Some(at) = text.find(start) {
                    let end = |c: char| c.is_whitespace() || "\"'<>".contains(c);
                    return Ok(text[at..].split(end).next().map(str::to_owned));
                }
            }
            Ok(None)
        })
        .await
    }

    async fn sent(&self, template: &str) -> anyhow::Result<Vec<mails::Model>> {
        use sea_orm::{ColumnTrait, QueryFilter};
        let sent = mails::find_for_report(None)
            .filter(mails::Column::Template.eq(template))
            .filter(mails::Column::State.eq(mails::State::Sent));
        Ok(sent.all(self.db.reader()).await?)
    }

    /// How many mails were sent, by template.
    pub(super) async fn counts(&self) -> anyhow::Result<BTreeMap<String, u64>> {
        use sea_orm::{ColumnTrait, QueryFilter};
        let sent = mails::find_for_report(None).filter(mails::Column::State.eq(mails::State::Sent));
        let mut counts = BTreeMap::new();
        for mail in sent.all(self.db.reader()).await? {
            *counts.entry(mail.template).or_insert(0) += 1;
        }
        Ok(counts)
    }

    /// Waits until nothing is left to send.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
        patiently("an empty outbox of mails", async || {
            let queued = mails::find_for_report(None).filter(mails::Column::State.eq(mails::State::Queued));
            Ok((queued.count(self.db.reader()).await? == 0).then_some(()))
        })
        .await
    }
}
