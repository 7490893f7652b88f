//! Records: one for each address, changed by what is named only.

use std::collections::HashSet;

use anyhow::Result;
use futures::future::try_join_all;
use levqor_accounts::{
    ChangeError, Changes, Currency, Email, Field, META_LIMIT, find, find_by_email, update, upsert,
};
use levqor_store::{StoreError, TenantId};
use serde_json::{Map, Value, json};

use crate::rig::{ada, person, platforms, run};

fn meta(value: Value) -> Changes {
    let Value::Object(meta) = value else { panic!() };
    Changes {
        meta,
        ..Changes::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_concurrent_upserts_make_one_record() -> Result<()> {
    for on in platforms().await? {
        let calls = (0..100).map(|n| {
            let email = if n % 2 == 0 {
                "ada@example.com"
            } else {
                " Ada@Example.COM "
            };
            upsert(
                &on.platform,
                on.tenant,
                person(email, meta(json!({(format!("m{n}")): n}))),
            )
        });
        let answers = try_join_all(calls).await?;
        assert_eq!(answers.iter().filter(|answer| answer.created).count(), 1);
        let ids: HashSet<_> = answers.iter().map(|answer| answer.user.id).collect();
        assert_eq!(ids.len(), 1);
        let stored = find(&on.platform.db, on.tenant, answers[0].user.id)
            .await?
            .unwrap();
        let merged: Map<String, Value> = serde_json::from_str(&stored.meta)?;
        assert_eq!(merged.len(), 100, "every call's member is there: {}", stored.meta);
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_named_stays_and_null_clears() -> Result<()> {
    for on in platforms().await? {
        let changes = Changes {
            name: Field::Set("Ada".to_owned()),
            locale: Field::Set("en-GB".to_owned()),
            currency: Field::Set(Currency::parse("GBP").unwrap()),
            ..meta(json!({"a": 1, "b": {"x": 1}}))
        };
        let made = upsert(&on.platform, on.tenant, person("ada@example.com", changes)).await?;
        assert!(made.created && made.changed);
        let again = Changes {
            name: Field::Cleared,
            ..meta(json!({"b": {"y": 2}, "a": null}))
        };
        let again = upsert(&on.platform, on.tenant, person("ada@example.com", again)).await?;
        assert!(!again.created && again.changed);
        let stored = find(&on.platform.db, on.tenant, made.user.id).await?.unwrap();
        assert_eq!(stored, again.user);
        assert_eq!((stored.name, stored.meta), (None, r#"{"b":{"y":2}}"#.to_owned()));
        assert_eq!(
            (stored.locale, stored.currency),
            (Some("en-GB".to_owned()), Some("GBP".to_owned()))
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_update_that_changes_nothing_says_so_and_writes_nothing() -> Result<()> {
    for on in platforms().await? {
        let user = ada(&on).await?;
        run(&on, "UPDATE users SET updated_at = 5").await?;
        let changes = Changes {
            name: Field::Cleared,
            ..meta(json!({"none": null}))
        };
        let same = update(&on.platform, on.tenant, user.id, changes).await?.unwrap();
        assert!(!same.changed && same.user.updated_at.0 == 5);
        let named = Changes {
            name: Field::Set("Ada".to_owned()),
            ..Changes::default()
        };
        let other = update(&on.platform, on.tenant, user.id, named).await?.unwrap();
        assert!(other.changed && other.user.updated_at.0 > 5);
        assert_eq!(find(&on.platform.db, on.tenant, user.id).await?, Some(other.user));
    }
    Ok(())
}

#[tokio::test]
async fn meta_that_grows_too_large_changes_nothing() -> Result<()> {
    for on in platforms().await? {
        let user = ada(&on).await?;
        let half = "x".repeat(META_LIMIT / 2);
        update(&on.platform, on.tenant, user.id, meta(json!({"a": half}))).await?;
        let more = upsert(
            &on.platform,
            on.tenant,
            person("ada@example.com", meta(json!({"b": half}))),
        );
        assert!(matches!(more.await, Err(ChangeError::MetaTooLarge)));
        let stored = find(&on.platform.db, on.tenant, user.id).await?.unwrap();
        assert!(!stored.meta.contains("\"b\""));
        let as_store: StoreError = ChangeError::MetaTooLarge.into();
        assert!(matches!(as_store, StoreError::Data(_)));
    }
    Ok(())
}

#[tokio::test]
async fn a_person_is_found_in_their_tenant_only() -> Result<()> {
    for on in platforms().await? {
        let user = ada(&on).await?;
        let other = TenantId(on.platform.ids.uuid_v7());
        let email = Email::parse("ADA@example.com")?;
        let db = &on.platform.db;
        assert_eq!(find_by_email(db, on.tenant, &email).await?, Some(user.clone()));
        assert_eq!(find_by_email(db, other, &email).await?, None);
        assert_eq!(find(db, other, user.id).await?, None);
        assert!(
            update(&on.platform, other, user.id, meta(json!({"a": 1})))
                .await?
                .is_none()
        );
    }
    Ok(())
}
