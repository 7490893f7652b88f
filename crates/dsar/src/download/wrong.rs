//! A wrong code.

use levqor_audit::Actor;
use levqor_entities::{
    dsar_grants::{self, Column, Model as Grant},
    dsar_requests,
};
use levqor_platform::Platform;
use levqor_store::{StoreError, Timestamp, Tx};
use sea_orm::{ColumnTrait, ExprTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{
    redeem::in_force,
    rules::{LOCK, TRIES},
};
use crate::{
    DsarError, Refusal, Request, State,
    change::change,
    decide::{Told, tell},
    trail::note,
};

/// Counts a wrong try: the third burns the code, the fifteenth of all codes locks the download and the person is told.
/// What the caller is told.
pub(super) async fn wrong(
    platform: &Platform,
    request: &Request,
    grant: &Grant,
) -> Result<Refusal, DsarError> {
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let count = dsar_grants::secure_update(grant.tenant_id)
        .filter(Column::RequestId.eq(grant.request_id))
        .col_expr(Column::Failures, Expr::col(Column::Failures).add(1));
    count.exec(&*tx).await.map_err(|error| tx.error(error))?;
    let code = in_force(grant).col_expr(Column::CodeWrong, Expr::col(Column::CodeWrong).add(1));
    code.exec(&*tx).await.map_err(|error| tx.error(error))?;
    let found = dsar_grants::secure_find(grant.tenant_id).filter(Column::RequestId.eq(grant.request_id));
    let found = found
        .one(&*tx)
        .await
        .map_err(|error| tx.error(error))?
        .ok_or(Refusal::LinkInvalid)?;
    let same = found.code_number == grant.code_number;
    let burned = same && found.code_wrong >= TRIES;
    if burned {
        burn(&tx, grant).await?;
    }
    let locked = found.failures >= LOCK && lock(&tx, platform, now, request).await?;
    let kind = if locked {
        "dsar.locked"
    } else if burned {
        "dsar.code_burned"
    } else {
        "dsar.code_wrong"
    };
    let detail = json!({"failures": found.failures});
    note(&tx, platform, now, request, (kind, Actor::Anonymous), detail).await?;
    tx.commit().await?;
    Ok(match (found.failures >= LOCK, same && !burned) {
        (true, _) => Refusal::Locked,
        (false, true) => Refusal::WrongCode { left: left(&found) },
        (false, false) => Refusal::WrongCode { left: 0 },
    })
}

fn left(grant: &Grant) -> u8 {
    u8::try_from(TRIES - grant.code_tries).unwrap_or_default()
}

async fn burn(tx: &Tx, grant: &Grant) -> Result<(), StoreError> {
    let burn = in_force(grant)
        .col_expr(Column::CodeHash, Expr::value(None::<Vec<u8>>))
        .col_expr(Column::Burned, Expr::col(Column::Burned).add(1));
    burn.exec(&**tx).await.map(drop).map_err(|error| tx.error(error))
}

/// Whether this is what locked it.
async fn lock(tx: &Tx, platform: &Platform, now: Timestamp, request: &Request) -> Result<bool, DsarError> {
    use dsar_requests::Column;
    let set = vec![(Column::LockedAt, Expr::value(now))];
    let open = [State::Ready, State::Downloaded];
    let Some(request) = change(tx, request, &open, Some(Column::LockedAt.is_null()), set).await? else {
        return Ok(false);
    };
    let told = Told {
        about: "locked".to_owned(),
        what: "The download of your data was locked, since wrong codes were sent fifteen times.".to_owned(),
        reason: String::new(),
        next: "Nobody got the file with them. If that was not you, somebody has the link from your mail. You can ask for your \
               data again 24 hours after you asked for it last."
            .to_owned(),
    };
    tell(tx, platform, now, &request, told).await?;
    Ok(true)
}
