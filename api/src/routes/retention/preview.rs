//! `GET /api/v1/retention/preview`.

use std::sync::Arc;

use levqor_retention::preview;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
    time,
};

pub(crate) struct Preview(pub Arc<Shared>);

/// What a sweep of now would do to this tenant's data.
#[derive(Serialize, Object)]
struct RetentionPreview {
    /// By rule, in the order of their tables; those that services apply all day are not among them.
    datasets: Vec<DuePart>,
}

/// What is due by one rule.
#[derive(Serialize, Object)]
struct DuePart {
    /// The rule's `table`.
    table: String,
    /// What would happen: `delete` or `anonymise`.
    action: String,
    /// Days that apply.
    days: i64,
    /// Rows with a later clock stay (RFC 3339).
    cutoff: String,
    /// Rows that would go.
    rows: i64,
    /// Rows that are due and that a legal hold keeps.
    held: i64,
    /// There are more: a million were counted.
    more: bool,
    /// Least clock of the rows that would go (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<String>,
    /// Greatest clock of the rows that would go (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    newest: Option<String>,
    /// Ids of the first five.
    sample: Vec<String>,
}

impl Failures for Preview {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl Preview {
    /// See what would be deleted
    ///
    /// A dry run of the next sweep over the tenant's data. Changes nothing.
    #[oai(
        path = "/api/v1/retention/preview",
        method = "get",
        operation_id = "previewRetention",
        tag = "Tag::Retention"
    )]
    async fn get(&self, caller: Caller) -> Result<Json<RetentionPreview>, Failed<Self>> {
        let due = preview(&self.0.api.platform.db, Some(caller.tenant)).await?;
        Ok(Json(RetentionPreview {
            datasets: due.into_iter().map(Into::into).collect(),
        }))
    }
}

impl From<levqor_retention::Preview> for DuePart {
    fn from(due: levqor_retention::Preview) -> Self {
        Self {
            days: due.rule.days(),
            action: due.rule.policy.action_name().to_owned(),
            table: due.rule.stored.dataset,
            cutoff: time::format(due.cutoff),
            rows: due.expired.rows,
            held: due.expired.held,
            more: due.expired.more,
            oldest: due.expired.oldest.map(time::format),
            newest: due.expired.newest.map(time::format),
            sample: due.expired.sample,
        }
    }
}
