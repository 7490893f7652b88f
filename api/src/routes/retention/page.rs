//! `GET /privacy/retention`: the rules for people, from the rows that the sweep applies.

use std::sync::Arc;

use askama::Template;
use levqor_retention::{Rule, policy::Action, rules};
use poem_openapi::OpenApi;

use super::period::period;
use crate::{
    error::{Code, Failed, Failures},
    page::{Page, render},
    routes::Tag,
    state::Shared,
};

pub(crate) struct RetentionPage(pub Arc<Shared>);

#[derive(Template)]
#[template(path = "retention/policies.html")]
struct Policies {
    rows: Vec<Row>,
}

/// What is said of one kind of data.
struct Row {
    name: String,
    holds: &'static str,
    period: String,
    choice: Option<String>,
    then: &'static str,
    basis: String,
    article: String,
}

impl Failures for RetentionPage {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl RetentionPage {
    /// Page about how long data is kept
    ///
    /// For everybody, without a key. It shows the rows by which data is deleted, so it says what happens.
    #[oai(
        path = "/privacy/retention",
        method = "get",
        operation_id = "getRetentionPage",
        tag = "Tag::Retention"
    )]
    async fn get(&self) -> Result<Page, Failed<Self>> {
        let rules = rules(&self.0.api.platform.db, None).await?;
        let rows = rules.into_iter().map(row).collect();
        Ok(render("How long data is kept", &Policies { rows })?)
    }
}

fn row(rule: Rule) -> Row {
    let stored = rule.stored;
    let choice = (stored.least_days < stored.most_days).then(|| {
        format!(
            "a customer may choose {} to {} days",
            stored.least_days, stored.most_days
        )
    });
    Row {
        holds: rule.policy.entry().map_or("", |entry| entry.holds),
        period: period(stored.days, &stored.clock),
        choice,
        then: match rule.policy.action {
            Action::Delete | Action::Drop => "deleted",
            Action::Anonymise => "anonymised",
        },
        name: stored.dataset,
        basis: stored.basis,
        article: stored.article,
    }
}
