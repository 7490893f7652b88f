//! Tokens by which people act for themselves: `lvu_` and 64 hexadecimal digits, of which the hash is stored.

use std::{ops::RangeInclusive, time::Duration};

use levqor_audit::{Actor, Entry, append};
use levqor_entities::{
    tenants,
    user_tokens::{self, Column},
    users,
};
use levqor_platform::{Platform, Token};
use levqor_store::{Db, KeyId, StoreError, TenantId, Timestamp, Tx, UserId, UserTokenId};
use sea_orm::{ColumnTrait, Condition, Insert, IntoActiveModel, QueryFilter, QuerySelect, sea_query::Expr};
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
    let now = platform.db.now().await?;
    let token = Token::new(TOKEN_PREFIX, (platform.entropy)());
    let issued = Issued {
        id: UserTokenId(platform.ids.uuid_v7()),
        text: token.text,
        expires_at: now.after(life),
    };
    let row = user_tokens::Model {
        id: issued.id,
        tenant_id: tenant,
        user_id: user,
        hash: token.hash.into(),
        created_at: now,
        expires_at: issued.expires_at,
        revoked_at: None,
    };
    let tx = platform.db.begin().await?;
    if !insert(&tx, row).await? {
        return Ok(None);
    }
    let detail = json!({"token": issued.id, "expires_at": issued.expires_at});
    append(
        &tx,
        platform,
        now,
        entry(tenant, key, user, "people.token_issued", &detail),
    )
    .await?;
    tx.commit().await?;
    Ok(Some(issued))
}

/// False when the person is not there; one who is stays until the transaction ends.
async fn insert(tx: &Tx, row: user_tokens::Model) -> Result<bool, StoreError> {
    let person = users::secure_find(row.tenant_id)
        .filter(users::Column::Id.eq(row.user_id))
        .lock_shared()
        .one(&**tx)
        .await
        .map_err(|error| tx.error(error))?;
    if person.is_some() {
        let inserted = Insert::one(row.into_active_model())
            .exec_without_returning(&**tx)
            .await;
        inserted.map_err(|error| tx.error(error))?;
    }
    Ok(person.is_some())
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
    let named = Condition::all()
        .add(Column::UserId.eq(user))
        .add_option(only.map(|id| Column::Id.eq(id)));
    let tx = platform.db.begin().await?;
    let revoked = user_tokens::secure_update(tenant)
        .filter(named.clone())
        .filter(Column::RevokedAt.is_null())
        .col_expr(Column::RevokedAt, Expr::value(now))
        .exec_with_returning(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    if revoked.is_empty() {
        let known = user_tokens::secure_find(tenant).filter(named).one(&*tx).await;
        let known = known.map_err(|error| tx.error(error))?;
        return Ok((only.is_none() || known.is_some()).then(Vec::new));
    }
    let ids: Vec<_> = revoked.iter().map(|token| token.id).collect();
    let detail = json!({"tokens": ids});
    append(
        &tx,
        platform,
        now,
        entry(tenant, key, user, "people.tokens_revoked", &detail),
    )
    .await?;
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
