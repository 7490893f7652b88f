//! Accepted terms.

use anyhow::Result;
use levqor_accounts::{Acceptance, accept_terms, find};
use levqor_audit::Actor;
use levqor_store::{TenantId, UserId};
use serde_json::json;

use crate::rig::{KEY, ada, platforms, trail};

fn acceptance(actor: Actor, version: &str) -> Acceptance {
    Acceptance {
        actor,
        version: version.to_owned(),
        address: "192.0.2.0".to_owned(),
    }
}

#[tokio::test]
async fn the_record_has_the_last_acceptance_and_the_trail_has_all() -> Result<()> {
    for on in platforms().await? {
        let user = ada(&on).await?.id;
        let accept = async |actor, version| {
            accept_terms(&on.platform, on.tenant, user, acceptance(actor, version)).await
        };
        accept(Actor::User(user), "2025-11-14").await?.unwrap();
        let at = accept(Actor::Key(KEY), "2026-01-01").await?;
        let stored = find(&on.platform.db, on.tenant, user).await?.unwrap();
        assert_eq!(stored.terms_at, at);
        assert_eq!(stored.terms_version.as_deref(), Some("2026-01-01"));
        assert_eq!(stored.terms_ip.as_deref(), Some("192.0.2.0"));
        let kept = |version: &str| {
            let detail = json!({"version": version, "address": "192.0.2.0"});
            ("people.terms_accepted".to_owned(), detail)
        };
        assert_eq!(trail(&on).await?, [kept("2025-11-14"), kept("2026-01-01")]);
    }
    Ok(())
}

#[tokio::test]
async fn nobody_accepts_for_a_person_who_is_not_there() -> Result<()> {
    for on in platforms().await? {
        let user = ada(&on).await?.id;
        for (tenant, user) in [
            (TenantId(on.platform.ids.uuid_v7()), user),
            (on.tenant, UserId(on.platform.ids.uuid_v7())),
        ] {
            let accepted = accept_terms(&on.platform, tenant, user, acceptance(Actor::System, "1")).await?;
            assert_eq!(accepted, None);
        }
        assert_eq!(trail(&on).await?, []);
    }
    Ok(())
}
