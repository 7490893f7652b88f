//! `POST /api/marketing/consent/start`.

use std::{net::IpAddr, str::FromStr, sync::Arc};

use levqor_audit::Actor;
use levqor_consent::{Ask, Evidence};
use levqor_store::{TenantId, UserId};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::rules::{email, invalid, line, scope, text};
use crate::{
    auth::Caller,
    body::{RawBody, Typed},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    middleware::Address,
    routes::Tag,
    state::Shared,
};

/// Most characters of a wording.
const WORDING: usize = 4_000;

/// Most characters of a browser's name.
const AGENT: usize = 500;

pub(crate) struct Start(pub Arc<Shared>);

/// A consent to ask for.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct NewConsent {
    /// Whom.
    email: String,
    /// For which list: letters, digits and `_`; `marketing` when left out.
    #[oai(validator(max_length = 50))]
    scope: Option<String>,
    /// Where the person entered the address; `signup_checkbox` when left out.
    #[oai(validator(max_length = 100))]
    source: Option<String>,
    /// The exact text the person was shown beside the box. It is kept as proof.
    #[oai(validator(max_length = 4000))]
    wording: String,
    /// Language of that text (BCP 47).
    #[oai(validator(max_length = 35))]
    locale: Option<String>,
    /// Who that is, where you know.
    user_id: Option<String>,
    /// The person's IP address. Only its network is kept.
    ip: Option<String>,
    /// The person's browser. Only a hash is kept.
    #[oai(validator(max_length = 500))]
    user_agent: Option<String>,
}

/// It was asked for, as far as that is allowed.
#[derive(Serialize, Object)]
struct ConsentStarted {
    /// True.
    ok: bool,
    /// `pending_double_opt_in`, whatever is known of the address.
    status: String,
    /// What happens next, for people.
    message: String,
}

#[derive(ApiResponse)]
enum Answer {
    /// Taken.
    #[oai(status = 202)]
    Accepted(Json<ConsentStarted>),
}

impl Failures for Start {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::UserNotFound,
        Code::NotConfigured,
    ];
}

#[OpenApi]
impl Start {
    /// Ask for a consent
    ///
    /// The address gets a mail with a link to a page whose button grants it: at most one mail in 24 hours, and three
    /// until it answers. The answer is the same for every address, so that your form tells nobody who is known.
    #[oai(
        path = "/api/marketing/consent/start",
        method = "post",
        operation_id = "startConsent",
        tag = "Tag::Consent"
    )]
    async fn start(&self, caller: Caller, body: RawBody<Typed<NewConsent>>) -> Result<Answer, Failed<Self>> {
        let mut ask = self.read(caller, body.typed().await?)?;
        if let Some(user) = ask.user {
            ask.user = Some(self.user(caller.tenant, user).await?);
        }
        levqor_consent::ask(&self.0.api.platform, caller.tenant, ask).await?;
        Ok(Answer::Accepted(Json(ConsentStarted {
            ok: true,
            status: "pending_double_opt_in".into(),
            message: "If this address can be asked, it gets a mail with a link to confirm.".into(),
        })))
    }
}

impl Start {
    fn read(&self, caller: Caller, body: NewConsent) -> Result<Ask, Problem> {
        let network = body.ip.as_deref().map(network).transpose()?;
        let agent = body
            .user_agent
            .map(|agent| line("/user_agent", agent, AGENT))
            .transpose()?;
        let evidence = Evidence::of(&self.0.api.platform, caller.tenant, network, agent.as_deref())?;
        let source = body.source.unwrap_or_else(|| "signup_checkbox".to_owned());
        Ok(Ask {
            email: email("/email", &body.email)?,
            scope: scope(body.scope.as_deref().unwrap_or("marketing"))?,
            source: line("/source", source, 100)?,
            wording: text("/wording", body.wording, WORDING)?,
            locale: body.locale.map(locale).transpose()?,
            user: body.user_id.as_deref().map(user).transpose()?,
            evidence,
            actor: Actor::Key(caller.key),
        })
    }

    async fn user(&self, tenant: TenantId, id: UserId) -> Result<UserId, Problem> {
        let found = levqor_accounts::find(&self.0.api.platform.db, tenant, id).await?;
        let missing = || Problem::new(Code::UserNotFound, "There is no user with this id.").at("/user_id");
        found.map(|user| user.id).ok_or_else(missing)
    }
}

fn network(text: &str) -> Result<String, Problem> {
    let address: IpAddr = text
        .parse()
        .map_err(|_| invalid("/ip", "Expected an IPv4 or IPv6 address."))?;
    Ok(Address::from(address).truncated())
}

fn user(text: &str) -> Result<UserId, Problem> {
    UserId::from_str(text).map_err(|_| invalid("/user_id", "Expected a UUID."))
}

fn locale(text: String) -> Result<String, Problem> {
    let good = (1..=35).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    good.then_some(text)
        .ok_or_else(|| invalid("/locale", "Expected a language tag such as en-GB."))
}
