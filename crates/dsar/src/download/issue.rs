//! Issuing a code to the person, signed in.

use levqor_audit::Actor;
use levqor_entities::dsar_grants::{self, Column};
use levqor_platform::Platform;
use levqor_store::{TenantId, Timestamp, UserId};
use sea_orm::{ColumnTrait, ExprTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{
    Gate,
    rules::{CODE_LIFE, CODES, open},
};
use crate::{
    DsarError, DsarId, FEATURE, Refusal,
    code::{Code, SALT},
    own,
    trail::note,
};

/// A code, to be shown to the person now: it is not stored.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The code.
    pub code: Code,
    /// When it ends.
    pub until: Timestamp,
}

/// Issues a code; one that was issued before ends. Wrong tries so far still count.
///
/// # Errors
/// There is nothing to download, too many codes were asked for, or the database is away.
pub async fn issue(
    platform: &Platform,
    gate: &Gate,
    tenant: TenantId,
    user: UserId,
    id: DsarId,
) -> Result<Issued, DsarError> {
    let request = own(&platform.db, tenant, user, id)
        .await?
        .ok_or(Refusal::UnknownRequest)?;
    open(&request, platform.db.now().await?)?;
    let code = Code::new((platform.entropy)());
    let mut salt = [0; SALT];
    salt.copy_from_slice(&(platform.entropy)()[..SALT]);
    let (secret, secrets) = (code.clone(), platform.secrets(FEATURE)?.clone());
    let hash = gate.pass(move || secret.hash(&secrets, id, &salt)).await?;
    let now = platform.db.now().await?;
    let until = now.after(CODE_LIFE);
    let tx = platform.db.begin().await?;
    let update = dsar_grants::secure_update(tenant)
        .filter(Column::RequestId.eq(id))
        .filter(Column::TokenHash.is_not_null())
        .filter(Column::CodeNumber.lt(CODES))
        .col_expr(Column::CodeNumber, Expr::col(Column::CodeNumber).add(1))
        .col_expr(Column::CodeSalt, Expr::value(salt.to_vec()))
        .col_expr(Column::CodeHash, Expr::value(hash.to_vec()))
        .col_expr(Column::CodeUntil, Expr::value(until))
        .col_expr(Column::CodeTries, Expr::value(0_i64))
        .col_expr(Column::CodeWrong, Expr::value(0_i64));
    let issued = update.exec(&*tx).await.map_err(|error| tx.error(error))?;
    if issued.rows_affected == 0 {
        return Err(Refusal::TooManyCodes.into());
    }
    note(
        &tx,
        platform,
        now,
        &request,
        ("dsar.code_issued", Actor::User(user)),
        json!({"until": until}),
    )
    .await?;
    tx.commit().await?;
    Ok(Issued { code, until })
}
