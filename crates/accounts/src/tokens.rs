//! Tokens by which people act for themselves: `lvu_` and 64 hexadecimal digits, of which the hash is stored.

use std::{ops::RangeInclusive, time::Duration};

use levqor_audit::{Actor, Entry, append};
use levqor_entities::{
    tenants,
    user_tokens::{self, Column},
    users,
};
use levqor_platform::{Platform, Token};
use levqor_store::{Db, KeyId, StoreError, TenantId, Timestamp, UserId, UserTokenId};
use sea_orm::{ColumnTrait, Insert, IntoActiveModel, QueryFilter, QuerySelect, sea_query::Expr};
use serde_json::json;

/// What tokens of people begin with.
pub const TOKEN_PREFIX: &str = "lvu_";

/// How long a token may be good for.
pub const LIFE: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(24);

/// A token that was made; its text is not stored.
pub struct Issued {
    /// Which.
    pub id: UserTokenId,
    /// What its holder sends.
    pub text: String,
    /// Refused from then on.
    pub expires_at: Timestamp,
}

/// Makes a token for a person; None when there is no such person. `life` is one of [`LIFE`]. The trail has it in the
/// stream `people`.
pub async fn issue_token(
    platform: &Platform,
    tenant: TenantId,
    key: KeyId,
    user: UserId,
    life: Duration,
) -> Result<Option<Issued>, StoreError> {
    let token = Token::new(TOKEN_PREFIX, (platform.entropy)());
    let now = platform.db.now().await?;
    let row = user_tokens::Model {
        id: UserTokenId(platform.ids.uuid_v7()),
        tenant_id: tenant,
        user_id: user,
        hash: token.hash.into(),
        created_at: now,
        expires_at: now.after(life),
        revoked_at: None,
    };
    let (id, expires_at) = (row.id, row.expires_at);
    let tx = platform.db.begin().await?;
    let person = users::secure_find(tenant).filter(users::Column::Id.eq(user)).lock_shared();
    let person = person.one(&*tx).await.map_err(|error| tx.error(error))?;
    if person.is_none() {
        return Ok(None);
    }
    let inserted = Insert::one(row.into_active_model()).exec_without_returning(&*tx).await;
    inserted.map_err(|error| tx.error(error))?;
    let detail = json!({"token": id, "expires_at": expires_at});
    let entry = entry(tenant, key, user, "people.token_issued", &detail);
    append(&tx, platform, now, entry).await?;
    tx.commit().await?;
    let text = token.text;
    Ok(Some(Issued { id, text, expires_at }))
}

/// Revokes a person's tokens, or the one that is named; hashes of those that were good until now. None when there is no
/// such token. The trail has it in the stream `people`.
pub async fn revoke_tokens(
    platform: &Platform,
    tenant: TenantId,
    key: KeyId,
    user: UserId,
    only: Option<UserTokenId>,
) -> Result<Option<Vec<Vec<u8>>>, StoreError> {
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let mut revoke = user_tokens::secure_update(tenant)
        .filter(Column::UserId.eq(user))
        .filter(Column::RevokedAt.is_null())
        .col_expr(Column::RevokedAt, Expr::value(now));
    if let Some(id) = only {
        revoke = revoke.filter(Column::Id.eq(id));
    }
    let revoked = revoke.exec_with_returning(&*tx).await.map_err(|error| tx.error(error))?;
    if revoked.is_empty() {
        let Some(id) = only else { return Ok(Some(Vec::new())) };
        let known = user_tokens::secure_find(tenant).filter(Column::UserId.eq(user)).filter(Column::Id.eq(id));
        let known = known.one(&*tx).await.map_err(|error| tx.error(error))?;
        return Ok(known.map(|_| Vec::new()));
    }
    let ids: Vec<_> = revoked.iter().map(|token| token.id).collect();
    let detail = json!({"tokens": ids});
    append(&tx, platform, now, entry(tenant, key, user, "people.tokens_revoked", &detail)).await?;
    tx.commit().await?;
    Ok(Some(revoked.into_iter().map(|token| token.hash).collect()))
}

fn entry<'a>(
    tenant: TenantId,
    key: KeyId,
    user: UserId,
    kind: &'a str,
    detail: &'a serde_json::Value,
) -> Entry<'a> {
    Entry {
        tenant,
        stream: "people",
        kind,
        actor: Actor::Key(key),
        subject: Some(user),
        detail,
    }
}

/// What a token is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It stands for this person.
    Good {
        /// The person's tenant.
        tenant: TenantId,
        /// The person.
        user: UserId,
        /// The tenant's plan.
        plan: String,
    },
    /// It was good once; it has expired or was revoked.
    Ended,
}

/// What the token with this hash is worth at the moment; None when there is none, or none any more.
pub async fn standing(db: &Db, hash: &[u8; 32]) -> Result<Option<Standing>, StoreError> {
    let found = user_tokens::find_by_hash(hash).one(db.reader()).await;
    let Some(token) = found.map_err(|error| db.error(error))? else {
        return Ok(None);
    };
    if token.revoked_at.is_some() || token.expires_at <= db.now().await? {
        return Ok(Some(Standing::Ended));
    }
    let tenant = tenants::secure_find(token.tenant_id).one(db.reader()).await;
    let tenant = tenant.map_err(|error| db.error(error))?;
    Ok(tenant.map(|tenant| Standing::Good {
        tenant: token.tenant_id,
        user: token.user_id,
        plan: tenant.plan,
    }))
}

/// Deletes at most `limit` tokens that have expired, of all tenants; how many there were.
pub async fn sweep_tokens(db: &Db, limit: u64) -> Result<u64, StoreError> {
    let now = db.now().await?;
    let found = user_tokens::find_expired(now).limit(limit).all(db.reader()).await;
    let found = found.map_err(|error| db.error(error))?;
    if found.is_empty() {
        return Ok(0);
    }
    let ids = found.into_iter().map(|token| token.id).collect();
    let tx = db.begin().await?;
    let deleted = user_tokens::delete_expired(now, ids).exec(&*tx).await;
    let deleted = deleted.map_err(|error| tx.error(error))?;
    tx.commit().await?;
    Ok(deleted.rows_affected)
}
