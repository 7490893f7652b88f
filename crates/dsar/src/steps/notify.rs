//! Telling the person that the package is there.

use levqor_audit::Actor;
use levqor_entities::{dsar_grants, dsar_requests::Column, users};
use levqor_mail::{Envelope, Kind, letters::DsarReady};
use levqor_platform::{Platform, Token};
use levqor_store::{TenantId, Timestamp, Tx};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::request;
use crate::{
    DsarError, DsarId, FEATURE, LIFE, Request, State, change::change, decide::controller, download::TOKEN,
    trail::note,
};

/// Makes the token, stores its hash, and writes the mail with the link, in one commit: there is one token and one mail,
/// however often this is called. The 24 hours begin.
///
/// # Errors
/// A setting is missing, or the database is away.
pub async fn notify(platform: &Platform, tenant: TenantId, id: DsarId) -> Result<Request, DsarError> {
    let request = request(platform, tenant, id).await?;
    if request.state != State::Stored {
        return Ok(request);
    }
    let now = platform.db.now().await?;
    let until = now.after(LIFE);
    let tx = platform.db.begin().await?;
    let set = vec![
        (Column::State, Expr::value(State::Ready)),
        (Column::NotifiedAt, Expr::value(now)),
        (Column::ExpiresAt, Expr::value(until)),
        (Column::PausedAt, Expr::value(None::<i64>)),
    ];
    let Some(request) = change(&tx, &request, &[State::Stored], None, set).await? else {
        return super::request(platform, tenant, id).await;
    };
    let token = Token::new(TOKEN, (platform.entropy)());
    let update = dsar_grants::secure_update(tenant)
        .filter(dsar_grants::Column::RequestId.eq(id))
        .col_expr(dsar_grants::Column::TokenHash, Expr::value(token.hash.to_vec()));
    update.exec(&*tx).await.map_err(|error| tx.error(error))?;
    mail(&tx, platform, now, &request, &token).await?;
    let detail = json!({"expires_at": until, "in_time": now < request.due_at});
    note(
        &tx,
        platform,
        now,
        &request,
        ("dsar.notified", Actor::System),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(request)
}

async fn mail(
    tx: &Tx,
    platform: &Platform,
    now: Timestamp,
    request: &Request,
    token: &Token,
) -> Result<(), DsarError> {
    let found = users::secure_find(request.tenant_id).filter(users::Column::Id.eq(request.user_id));
    let Some(user) = found.one(&**tx).await.map_err(|error| tx.error(error))? else {
        return Ok(());
    };
    let letter = DsarReady {
        controller: controller(tx, request.tenant_id).await?,
        link: platform.link(FEATURE, &format!("/data-export/download?token={}", token.text))?,
        until: readable(now.after(LIFE)),
    };
    let envelope = Envelope {
        tenant: request.tenant_id,
        key: format!("dsar/{}/ready", request.id),
        kind: Kind::Transactional,
        to: user.email,
        user: Some(request.user_id),
        attachments: Vec::new(),
    };
    levqor_mail::enqueue(tx, platform, now, envelope, &letter).await?;
    Ok(())
}

/// `2 January 2026, 15:04 UTC`.
fn readable(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    at.to_zoned(jiff::tz::TimeZone::UTC)
        .strftime("%-d %B %Y, %H:%M UTC")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_for_people() {
        assert_eq!(
            readable(Timestamp(1_767_366_245_000_000)),
            "2 January 2026, 15:04 UTC"
        );
    }
}
