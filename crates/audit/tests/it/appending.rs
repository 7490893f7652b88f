//! Entries are added one after the other, whoever adds them.

use anyhow::Result;
use futures::future::try_join_all;
use levqor_audit::{Actor, Entry, PAYLOAD_LIMIT, append};
use levqor_store::{StoreError, TenantId};
use serde_json::json;

use crate::rig::{check, platforms, rows, write};

#[tokio::test(flavor = "multi_thread")]
async fn domain_1_17_parallel_appends_give_one_chain_without_a_gap() -> Result<()> {
    for on in platforms().await? {
        try_join_all((0..64).map(|n| write(&on, "dsar", n, None))).await?;
        let numbers: Vec<i64> = rows(&on, "dsar").await?.iter().map(|row| row.seq).collect();
        assert_eq!(numbers, (1..=64).collect::<Vec<i64>>());
        let (totals, faults) = check(&on, "dsar").await?;
        assert_eq!((totals.chains, totals.entries, faults), (1, 64, Vec::new()));
    }
    Ok(())
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_no_entry_and_no_gap() -> Result<()> {
    for on in platforms().await? {
        let now = on.platform.db.now().await?;
        write(&on, "dsar", 0, None).await?;
        let entry = Entry {
            tenant: on.tenant,
            stream: "dsar",
            kind: "test.undone",
            actor: Actor::Operator,
            subject: None,
            detail: &json!({}),
        };
        let tx = on.platform.db.begin().await?;
        append(&tx, &on.platform, now, entry).await?;
        drop(tx);
        write(&on, "dsar", 1, None).await?;
        let kinds: Vec<_> = rows(&on, "dsar")
            .await?
            .into_iter()
            .map(|row| (row.seq, row.kind))
            .collect();
        assert_eq!(kinds, [(1, "test.done".to_owned()), (2, "test.done".to_owned())]);
        assert_eq!(check(&on, "dsar").await?.1, []);
    }
    Ok(())
}

#[tokio::test]
async fn tenants_and_streams_have_chains_of_their_own() -> Result<()> {
    for mut on in platforms().await? {
        write(&on, "dsar", 0, None).await?;
        write(&on, "consent", 0, None).await?;
        on.tenant = TenantId(on.platform.ids.uuid_v7());
        write(&on, "dsar", 0, None).await?;
        assert_eq!(rows(&on, "dsar").await?[0].seq, 1);
        let (totals, faults) = check(&on, "dsar").await?;
        assert_eq!((totals.chains, totals.entries, faults), (2, 2, Vec::new()));
    }
    Ok(())
}

#[tokio::test]
async fn a_payload_past_the_limit_is_refused() -> Result<()> {
    for on in platforms().await? {
        let entry = Entry {
            tenant: on.tenant,
            stream: "dsar",
            kind: "test.done",
            actor: Actor::Anonymous,
            subject: None,
            detail: &json!({"x": "x".repeat(PAYLOAD_LIMIT)}),
        };
        let now = on.platform.db.now().await?;
        let tx = on.platform.db.begin().await?;
        let refused = append(&tx, &on.platform, now, entry).await;
        assert!(matches!(refused, Err(StoreError::Data(_))), "{refused:?}");
    }
    Ok(())
}
