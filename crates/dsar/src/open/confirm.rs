//! Confirming a request that the tenant made for a person.

use levqor_audit::Actor;
use levqor_entities::{
    dsar_grants,
    dsar_requests::{self, Column},
};
use levqor_mail::{Envelope, Kind, letters::DsarConfirm};
use levqor_platform::{Platform, Token};
use levqor_store::{StoreError, Timestamp, Tx};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{CONFIRM_TOKEN, Opened, standing::verified, start};
use crate::{
    DsarError, FEATURE, Refusal, Request, State,
    change::{change, locked_user},
    decide::{clock, controller},
    find,
    trail::note,
};

/// Writes the mail with the link.
pub(super) async fn ask(
    tx: &Tx,
    platform: &Platform,
    now: Timestamp,
    request: &Request,
    to: String,
    token: &Token,
) -> Result<(), DsarError> {
    let letter = DsarConfirm {
        controller: controller(tx, request.tenant_id).await?,
        link: platform.link(FEATURE, &format!("/data-export/confirm?token={}", token.text))?,
    };
    let envelope = Envelope {
        tenant: request.tenant_id,
        key: format!("dsar/{}/confirm", request.id),
        kind: Kind::Transactional,
        to,
        user: Some(request.user_id),
        attachments: Vec::new(),
    };
    levqor_mail::enqueue(tx, platform, now, envelope, &letter).await?;
    Ok(())
}

/// Whether this token can confirm a request, or has; changes nothing.
///
/// # Errors
/// It cannot, or the database is away.
pub async fn confirmable(platform: &Platform, token: &str) -> Result<Request, DsarError> {
    let db = &platform.db;
    let hash = Token::lookup(CONFIRM_TOKEN, token).ok_or(Refusal::LinkInvalid)?;
    let found = dsar_grants::find_by_confirmation(&hash).one(db.reader()).await;
    let grant = found
        .map_err(|error| db.error(error))?
        .ok_or(Refusal::LinkInvalid)?;
    let late = match grant.confirm_until {
        Some(until) => db.now().await? >= until,
        None => false,
    };
    let request = find(db, grant.tenant_id, grant.request_id).await?;
    Ok(request.filter(|_| !late).ok_or(Refusal::LinkInvalid)?)
}

/// Confirms: the clock stood from receipt until now. Doing so again changes nothing. When the person has another verified
/// request of the last 24 hours, that one stands for this one, which is deleted.
///
/// # Errors
/// The token is not valid, or the database is away.
pub async fn confirm(platform: &Platform, token: &str) -> Result<Opened, DsarError> {
    let request = confirmable(platform, token).await?;
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let user = locked_user(&tx, request.tenant_id, request.user_id).await?;
    user.ok_or(Refusal::LinkInvalid)?;
    let paused = now.0.saturating_sub(request.received_at.0).max(0);
    if let Some(standing) = verified(&tx, request.tenant_id, request.user_id, now).await? {
        if standing.id != request.id {
            merge(&tx, platform, now, &request, &standing).await?;
        }
        tx.commit().await?;
        start(platform, &standing).await;
        return Ok(Opened::Existing(standing));
    }
    let set = vec![
        (Column::State, Expr::value(State::Accepted)),
        (Column::VerifiedAt, Expr::value(now)),
        (Column::PausedUs, Expr::value(paused)),
        (Column::PausedAt, Expr::value(None::<i64>)),
        (
            Column::DueAt,
            Expr::value(clock::due(request.received_at, clock::period(&request), paused)?),
        ),
    ];
    let Some(request) = change(&tx, &request, &[State::Unverified], None, set).await? else {
        return Ok(Opened::Existing(request));
    };
    keep(&tx, &request).await?;
    let detail = json!({"paused_us": request.paused_us, "due_at": request.due_at});
    note(
        &tx,
        platform,
        now,
        &request,
        ("dsar.verified", Actor::User(request.user_id)),
        detail,
    )
    .await?;
    tx.commit().await?;
    start(platform, &request).await;
    Ok(Opened::New(request))
}

/// The token stays good, so that pressing the button again gives the same answer; it ends with the package.
async fn keep(tx: &Tx, request: &Request) -> Result<(), StoreError> {
    let update = dsar_grants::secure_update(request.tenant_id)
        .filter(dsar_grants::Column::RequestId.eq(request.id))
        .col_expr(dsar_grants::Column::ConfirmUntil, Expr::value(None::<i64>));
    update
        .exec(&**tx)
        .await
        .map(drop)
        .map_err(|error| tx.error(error))
}

async fn merge(
    tx: &Tx,
    platform: &Platform,
    now: Timestamp,
    request: &Request,
    standing: &Request,
) -> Result<(), StoreError> {
    let grant =
        dsar_grants::secure_delete(request.tenant_id).filter(dsar_grants::Column::RequestId.eq(request.id));
    grant.exec(&**tx).await.map_err(|error| tx.error(error))?;
    let row = dsar_requests::secure_delete(request.tenant_id)
        .filter(Column::Id.eq(request.id))
        .filter(Column::State.eq(State::Unverified));
    row.exec(&**tx).await.map_err(|error| tx.error(error))?;
    let detail = json!({"answered_by": standing.id});
    note(
        tx,
        platform,
        now,
        request,
        ("dsar.merged", Actor::User(request.user_id)),
        detail,
    )
    .await
}
