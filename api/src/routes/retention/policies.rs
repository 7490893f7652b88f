//! `GET /api/v1/retention/policies`.

use std::sync::Arc;

use levqor_retention::rules;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::view::PolicyBody;
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Policies(pub Arc<Shared>);

/// All rules, in the order of their tables.
#[derive(Serialize, Object)]
struct RetentionPolicies {
    /// The rules.
    policies: Vec<PolicyBody>,
}

impl Failures for Policies {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl Policies {
    /// List how long data is kept
    ///
    /// The rules of this installation, and what the tenant chose within their bounds. `/privacy/retention` shows the same
    /// rules to everybody.
    #[oai(
        path = "/api/v1/retention/policies",
        method = "get",
        operation_id = "listRetentionPolicies",
        tag = "Tag::Retention"
    )]
    async fn list(&self, caller: Caller) -> Result<Json<RetentionPolicies>, Failed<Self>> {
        let rules = rules(&self.0.api.platform.db, Some(caller.tenant)).await?;
        Ok(Json(RetentionPolicies {
            policies: rules.into_iter().map(Into::into).collect(),
        }))
    }
}
