//! Making a request, and confirming one that the tenant made for a person.

mod confirm;
mod row;
mod standing;
mod start;

use levqor_audit::Actor;
use levqor_platform::{Platform, Token};
use levqor_store::{KeyId, TenantId, UserId};
use sea_orm::{ActiveEnum, Insert, IntoActiveModel};
use serde_json::json;

pub use confirm::{confirm, confirmable};
pub(crate) use start::{again, start};

use crate::{
    DsarError, FEATURE, Refusal, Request, State, change::locked_user, objects::wrapping, seal::Key,
    trail::note,
};

/// What confirmation tokens begin with.
const CONFIRM_TOKEN: &str = "lvd_";

/// Who asks for whose data.
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    /// Who keeps it.
    pub tenant: TenantId,
    /// Whose it is.
    pub user: UserId,
    /// Who asks.
    pub by: By,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// The person, signed in: verified.
    User,
    /// The tenant, by this key: the person is asked to confirm.
    Key(KeyId),
}

impl Asking {
    fn actor(&self) -> Actor {
        match self.by {
            By::User => Actor::User(self.user),
            By::Key(key) => Actor::Key(key),
        }
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Opened {
    /// A new request.
    New(Request),
    /// The one that is there: another within 24 hours of a verified one gives it back.
    Existing(Request),
}

impl Opened {
    /// The request, new or not.
    pub fn request(&self) -> &Request {
        match self {
            Self::New(request) | Self::Existing(request) => request,
        }
    }
}

/// Makes a request.
///
/// # Errors
/// There is no such user, a setting is missing, or the database is away.
pub async fn open(platform: &Platform, asking: Asking) -> Result<Opened, DsarError> {
    let wrapping = wrapping(platform.secrets(FEATURE)?);
    platform.link(FEATURE, "")?;
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let user = locked_user(&tx, asking.tenant, asking.user)
        .await?
        .ok_or(Refusal::UnknownUser)?;
    if let Some(standing) = standing::standing(&tx, &asking, now).await? {
        tx.commit().await?;
        start(platform, &standing).await;
        return Ok(Opened::Existing(standing));
    }
    let request = row::request(platform, &asking, now)?;
    let key = Key::new((platform.entropy)()).wrap(&wrapping, (platform.entropy)(), request.id)?;
    let token = Token::new(CONFIRM_TOKEN, (platform.entropy)());
    let confirms = (request.state == State::Unverified).then_some(&token);
    let rows = (
        request.clone().into_active_model(),
        row::grant(&request, key, confirms).into_active_model(),
    );
    Insert::one(rows.0)
        .exec_without_returning(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    Insert::one(rows.1)
        .exec_without_returning(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    if let Some(token) = confirms {
        confirm::ask(&tx, platform, now, &request, user.email, token).await?;
    }
    let detail = json!({"origin": request.origin.to_value(), "due_at": request.due_at});
    note(
        &tx,
        platform,
        now,
        &request,
        ("dsar.requested", asking.actor()),
        detail,
    )
    .await?;
    tx.commit().await?;
    start(platform, &request).await;
    Ok(Opened::New(request))
}
