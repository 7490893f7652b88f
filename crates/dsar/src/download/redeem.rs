//! Handing the package out.

use bytes::Bytes;
use levqor_audit::Actor;
use levqor_entities::{
    dsar_grants::{self, Column, Model as Grant},
    dsar_requests,
};
use levqor_platform::{Platform, Token};
use levqor_store::{StoreError, Timestamp, Tx};
use sea_orm::{ColumnTrait, ExprTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{
    Gate, TOKEN,
    rules::{REPEATS, TRIES, open},
    wrong::wrong,
};
use crate::{
    DsarError, FEATURE, Refusal, Request, State,
    change::change,
    code::Code,
    find,
    objects::{PACKAGE, Sealed, package_key},
    trail::note,
};

/// A package that was granted.
#[derive(Clone, Debug)]
pub struct Download {
    /// The ZIP.
    pub zip: Bytes,
    /// When its data was collected.
    pub collected_at: Timestamp,
    /// Whether it was handed out before.
    pub again: bool,
}

/// The request that this token opens, when there is something to download now; changes nothing.
///
/// # Errors
/// There is not, or the database is away.
pub async fn redeemable(platform: &Platform, token: &str) -> Result<Request, DsarError> {
    Ok(opened(platform, token).await?.0)
}

async fn opened(platform: &Platform, token: &str) -> Result<(Request, Grant), DsarError> {
    let db = &platform.db;
    let hash = Token::lookup(TOKEN, token).ok_or(Refusal::LinkInvalid)?;
    let grant = dsar_grants::find_by_token(&hash).one(db.reader()).await;
    let grant = grant
        .map_err(|error| db.error(error))?
        .ok_or(Refusal::LinkInvalid)?;
    let request = find(db, grant.tenant_id, grant.request_id)
        .await?
        .ok_or(Refusal::LinkInvalid)?;
    match open(&request, db.now().await?) {
        Ok(()) => Ok((request, grant)),
        Err(Refusal::NotReady) => Err(Refusal::LinkInvalid.into()),
        Err(other) => Err(other.into()),
    }
}

/// Hands the package out for the right token and code, once.
///
/// # Errors
/// Token or code are not right, it was handed out already, or database or object storage are away. Only a wrong code
/// counts against it.
pub async fn redeem(
    platform: &Platform,
    gate: &Gate,
    token: &str,
    code: Code,
) -> Result<Download, DsarError> {
    let (request, grant) = opened(platform, token).await?;
    let (salt, hash) = reserve(platform, &grant).await?;
    let (secrets, id) = (platform.secrets(FEATURE)?.clone(), request.id);
    if !gate.pass(move || code.fits(&secrets, id, &salt, &hash)).await? {
        return Err(wrong(platform, &request, &grant).await?.into());
    }
    // Read first: what cannot be read is not granted either.
    let objects = Sealed::under(platform, &request, &grant.sealed_key)?;
    let digest = request.package_digest.clone().unwrap_or_default();
    let zip = objects.get(PACKAGE, &package_key(&request, &digest)?).await?;
    let again = take(platform, &request, &grant).await?;
    Ok(Download {
        zip: zip.into(),
        collected_at: request.collected_at.unwrap_or(request.received_at),
        again,
    })
}

/// Counts a try with the code that is in force, before it is checked; salt and hash of that code.
async fn reserve(platform: &Platform, grant: &Grant) -> Result<(Vec<u8>, Vec<u8>), DsarError> {
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let update = in_force(grant)
        .filter(Column::CodeTries.lt(TRIES))
        .filter(Column::CodeUntil.gt(now))
        .col_expr(Column::CodeTries, Expr::col(Column::CodeTries).add(1));
    let reserved = update.exec(&*tx).await.map_err(|error| tx.error(error))?;
    tx.commit().await?;
    let code = grant.code_salt.clone().zip(grant.code_hash.clone());
    Ok(code
        .filter(|_| reserved.rows_affected == 1)
        .ok_or(Refusal::NoCode)?)
}

/// Changes the grant as long as the code that was read from it is in force.
pub(super) fn in_force(grant: &Grant) -> sea_orm::UpdateMany<impl sea_orm::EntityTrait + use<>> {
    dsar_grants::secure_update(grant.tenant_id)
        .filter(Column::RequestId.eq(grant.request_id))
        .filter(Column::CodeNumber.eq(grant.code_number))
        .filter(Column::CodeHash.is_not_null())
}

/// Takes code and grant together; whether it was granted before.
async fn take(platform: &Platform, request: &Request, grant: &Grant) -> Result<bool, DsarError> {
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let code = in_force(grant).col_expr(Column::CodeHash, Expr::value(None::<Vec<u8>>));
    if code
        .exec(&*tx)
        .await
        .map_err(|error| tx.error(error))?
        .rows_affected
        == 0
    {
        return Err(Refusal::NoCode.into());
    }
    let granted = match granted(&tx, request, now).await? {
        Some(granted) => granted,
        None => repeated(&tx, request).await?.ok_or(Refusal::Downloaded)?,
    };
    let again = granted.reissued > 0;
    let kind = if again { "dsar.reissued" } else { "dsar.granted" };
    let detail = json!({"times": granted.reissued + 1});
    note(
        &tx,
        platform,
        now,
        &granted,
        (kind, Actor::User(granted.user_id)),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(again)
}

/// The one grant.
async fn granted(tx: &Tx, request: &Request, now: Timestamp) -> Result<Option<Request>, StoreError> {
    use dsar_requests::Column;
    let set = vec![
        (Column::State, Expr::value(State::Downloaded)),
        (Column::GrantedAt, Expr::value(now)),
    ];
    change(
        tx,
        request,
        &[State::Ready],
        Some(Column::GrantedAt.is_null()),
        set,
    )
    .await
}

/// The same grant again, after a broken transfer.
async fn repeated(tx: &Tx, request: &Request) -> Result<Option<Request>, StoreError> {
    use dsar_requests::Column;
    let set = vec![(Column::Reissued, Expr::col(Column::Reissued).add(1))];
    change(
        tx,
        request,
        &[State::Downloaded],
        Some(Column::Reissued.lt(REPEATS)),
        set,
    )
    .await
}
