//! Tokens: good until they expire or are revoked.

use std::time::Duration;

use anyhow::Result;
use levqor_accounts::{Issued, Standing, TOKEN_PREFIX, issue_token, revoke_tokens, standing};
use levqor_platform::{Token, testing::TestPlatform};
use levqor_store::{TenantId, UserId};
use serde_json::json;
use uuid::Uuid;

use crate::rig::{KEY, ada, platforms, run, trail};

const LIFE: Duration = Duration::from_mins(15);

async fn issue(on: &TestPlatform, user: UserId) -> Result<Issued> {
    Ok(issue_token(&on.platform, on.tenant, KEY, user, LIFE)
        .await?
        .unwrap())
}

async fn worth(on: &TestPlatform, token: &str) -> Result<Option<Standing>> {
    let hash = Token::lookup(TOKEN_PREFIX, token).unwrap();
    Ok(standing(&on.platform.db, &hash).await?)
}

#[tokio::test]
async fn a_token_stands_for_its_person_until_it_expires() -> Result<()> {
    for on in platforms().await? {
        let user = ada(&on).await?;
        let now = on.platform.db.now().await?;
        let issued = issue(&on, user.id).await?;
        assert!(issued.expires_at >= now.after(LIFE));
        let good = Standing::Good {
            tenant: on.tenant,
            user: user.id,
            plan: "pro".to_owned(),
        };
        assert_eq!(worth(&on, &issued.text).await?, Some(good));
        run(&on, &format!("UPDATE user_tokens SET expires_at = {}", now.0)).await?;
        assert_eq!(worth(&on, &issued.text).await?, Some(Standing::Ended));
        let unknown = Token::new(TOKEN_PREFIX, [9; 32]).text;
        assert_eq!(worth(&on, &unknown).await?, None);
    }
    Ok(())
}

#[tokio::test]
async fn one_token_or_all_of_a_person_are_revoked() -> Result<()> {
    for on in platforms().await? {
        let user = ada(&on).await?.id;
        let (one, two, three) = (
            issue(&on, user).await?,
            issue(&on, user).await?,
            issue(&on, user).await?,
        );
        let revoke = async |only| revoke_tokens(&on.platform, on.tenant, KEY, user, only).await;
        let hash = Token::lookup(TOKEN_PREFIX, &one.text).unwrap();
        assert_eq!(revoke(Some(one.id)).await?, Some(vec![hash.to_vec()]));
        assert_eq!(worth(&on, &one.text).await?, Some(Standing::Ended));
        assert!(matches!(
            worth(&on, &two.text).await?,
            Some(Standing::Good { .. })
        ));
        assert_eq!(
            revoke(Some(one.id)).await?,
            Some(Vec::new()),
            "again without effect"
        );
        assert_eq!(revoke(None).await?.map(|hashes| hashes.len()), Some(2));
        assert_eq!(worth(&on, &three.text).await?, Some(Standing::Ended));
        let kinds: Vec<String> = trail(&on).await?.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds[3..], ["people.tokens_revoked", "people.tokens_revoked"]);
    }
    Ok(())
}

#[tokio::test]
async fn nobody_gets_or_revokes_a_token_in_another_tenant() -> Result<()> {
    for on in platforms().await? {
        let user = ada(&on).await?.id;
        let token = issue(&on, user).await?;
        let other = TenantId(on.platform.ids.uuid_v7());
        assert!(issue_token(&on.platform, other, KEY, user, LIFE).await?.is_none());
        let stranger = UserId(Uuid::from_u128(1));
        assert!(
            issue_token(&on.platform, on.tenant, KEY, stranger, LIFE)
                .await?
                .is_none()
        );
        assert_eq!(
            revoke_tokens(&on.platform, other, KEY, user, Some(token.id)).await?,
            None
        );
        assert_eq!(
            revoke_tokens(&on.platform, on.tenant, KEY, stranger, Some(token.id)).await?,
            None
        );
        assert!(matches!(
            worth(&on, &token.text).await?,
            Some(Standing::Good { .. })
        ));
        let entries = trail(&on).await?;
        assert_eq!(entries.len(), 1);
        assert_eq!(
            entries[0].1,
            json!({"token": token.id, "expires_at": token.expires_at})
        );
    }
    Ok(())
}

#[tokio::test]
async fn tokens_go_with_their_person() -> Result<()> {
    for on in platforms().await? {
        let token = issue(&on, ada(&on).await?.id).await?;
        run(&on, "DELETE FROM users").await?;
        assert_eq!(worth(&on, &token.text).await?, None);
    }
    Ok(())
}
