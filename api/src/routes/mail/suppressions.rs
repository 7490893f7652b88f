//! `GET /api/v1/mail/suppressions`.

use std::sync::Arc;

use levqor_mail::suppressions::{Cause, Suppression, find};
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use super::address;
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
    time,
};

pub(crate) struct Suppressions(pub Arc<Shared>);

/// How an address is suppressed.
#[derive(Serialize, Object)]
struct SuppressedAddress {
    /// Why; empty when mail goes there.
    suppressions: Vec<SuppressionBody>,
}

/// Why an address gets no mail, or less.
#[derive(Serialize, Object)]
#[oai(rename = "Suppression")]
struct SuppressionBody {
    /// `bounce`: there is no such mailbox, it gets nothing. `complaint`: its owner called a mail spam, it gets no
    /// marketing.
    cause: String,
    /// When the provider saw it (RFC 3339).
    since: String,
}

impl From<Suppression> for SuppressionBody {
    fn from(found: Suppression) -> Self {
        let cause = match found.cause {
            Cause::Bounce => "bounce",
            Cause::Complaint => "complaint",
        };
        Self {
            cause: cause.to_owned(),
            since: time::format(found.since),
        }
    }
}

impl Failures for Suppressions {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::NotConfigured];
}

#[OpenApi]
impl Suppressions {
    /// Read why an address gets no mail
    ///
    /// Addresses are stored as a keyed digest only, so they can be asked for and not listed.
    #[oai(
        path = "/api/v1/mail/suppressions",
        method = "get",
        operation_id = "getMailSuppressions",
        tag = "Tag::Mails"
    )]
    async fn get(
        &self,
        caller: Caller,
        /// The address.
        address: Query<String>,
    ) -> Result<Json<SuppressedAddress>, Failed<Self>> {
        let email = self::address(&address.0)?;
        let platform = &self.0.api.platform;
        let secrets = platform.secrets("the suppression list")?;
        let found = find(&platform.db, secrets, caller.tenant, email.as_str()).await?;
        let suppressions = found.into_iter().map(Into::into).collect();
        Ok(Json(SuppressedAddress { suppressions }))
    }
}
