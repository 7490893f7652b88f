//! `PUT /api/v1/retention/policies/{table}`.

use std::sync::Arc;

use levqor_audit::Actor;
use levqor_retention::{choose, rules};
use poem_openapi::{Object, OpenApi, param::Path};
use serde::Deserialize;

use super::{no_policy, view::PolicyBody};
use crate::{
    auth::Caller,
    body::{RawBody, Typed, line},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Choose(pub Arc<Shared>);

/// A period to choose.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct NewPeriod {
    /// Days, within `least_days` and `most_days` of the rule.
    days: i64,
    /// Why; it goes into the audit trail. 1 to 1,000 characters.
    #[oai(validator(min_length = 1, max_length = 1000))]
    reason: String,
}

impl Failures for Choose {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::PolicyNotFound,
        Code::RequestTimeout,
        Code::PeriodFixed,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
    ];
}

#[OpenApi]
impl Choose {
    /// Choose how long data of this tenant is kept
    ///
    /// Applies from the next sweep on, at 03:00 UTC, to rows that are there already too. A shorter period deletes them;
    /// ask `GET /api/v1/retention/preview` after choosing it and before the night.
    #[oai(
        path = "/api/v1/retention/policies/:table",
        method = "put",
        operation_id = "chooseRetentionPeriod",
        tag = "Tag::Retention"
    )]
    async fn choose(
        &self,
        caller: Caller,
        /// A rule's `table`.
        table: Path<String>,
        body: RawBody<Typed<NewPeriod>>,
    ) -> Result<Json<PolicyBody>, Failed<Self>> {
        let new = body.typed().await?;
        let reason = line("/reason", new.reason, 1_000)?;
        let platform = &self.0.api.platform;
        let actor = Actor::Key(caller.key);
        choose(platform, caller.tenant, &table.0, new.days, &reason, actor).await?;
        let rules = rules(&platform.db, Some(caller.tenant)).await?;
        let rule = rules.into_iter().find(|rule| rule.stored.dataset == table.0);
        Ok(Json(rule.ok_or_else(no_policy)?.into()))
    }
}
