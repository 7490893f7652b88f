//! Whatever is changed behind the program's back is found, with its row.

use anyhow::Result;
use levqor_audit::{Fault, Wrong};
use levqor_entities::audit_events::Model;
use levqor_platform::testing::TestPlatform;
use sea_orm::Value;
use uuid::Uuid;

use crate::rig::{check, platforms, rows, run, stream, tenant, write};

fn bytes(bytes: &[u8]) -> Value {
    let mut bytes = bytes.to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    bytes.into()
}

fn id(id: Uuid) -> Value {
    Uuid::from_u128(id.as_u128() ^ 1 << 77).into()
}

fn text(text: &str) -> Value {
    String::from_utf8(text.bytes().rev().collect()).unwrap().into()
}

/// Every column with one bit, or the order of its letters, changed; and what is found in the chain it was in.
fn changes(row: &Model) -> [(&'static str, Value, Wrong); 13] {
    [
        ("tenant_id", id(row.tenant_id.0), Wrong::Missing(2)),
        ("stream", text(&row.stream), Wrong::Missing(2)),
        ("seq", (row.seq ^ 1 << 40).into(), Wrong::Missing(2)),
        ("id", id(row.id.0), Wrong::Header),
        ("at", (row.at.0 ^ 1).into(), Wrong::Header),
        ("kind", text(&row.kind), Wrong::Header),
        ("actor", text(&row.actor), Wrong::Header),
        ("subject", bytes(row.subject.as_ref().unwrap()), Wrong::Header),
        ("payload_hash", bytes(&row.payload_hash), Wrong::Header),
        ("hash", bytes(&row.hash), Wrong::Header),
        ("user_id", id(row.user_id.unwrap().0), Wrong::Subject),
        ("salt", bytes(row.salt.as_ref().unwrap()), Wrong::Payload),
        ("payload", bytes(row.payload.as_ref().unwrap()), Wrong::Payload),
    ]
}

fn found(faults: &[Fault]) -> Vec<(i64, Wrong)> {
    faults.iter().map(|fault| (fault.seq, fault.wrong)).collect()
}

/// Changes entry 2 of 3 in a stream of the column's own.
async fn change(on: &TestPlatform, column: &str, at: usize) -> Result<Wrong> {
    stream(on, column, 3).await?;
    let row = &rows(on, column).await?[1];
    let (_, value, wrong) = changes(row)[at].clone();
    let sql = format!(
        "UPDATE audit_events SET {column} = $1 WHERE tenant_id = $2 AND stream = '{column}' AND seq = 2"
    );
    run(on, &sql, vec![value, tenant(on.tenant)]).await?;
    Ok(wrong)
}

#[tokio::test]
async fn domain_1_17_a_byte_flipped_in_any_column_is_found_with_its_row() -> Result<()> {
    for on in platforms().await? {
        stream(&on, "whole", 3).await?;
        let columns = changes(&rows(&on, "whole").await?[1]).map(|(column, ..)| column);
        for (at, column) in columns.into_iter().enumerate() {
            let wrong = change(&on, column, at).await?;
            let faults = check(&on, column).await?.1;
            let own: Vec<_> = faults
                .iter()
                .filter(|fault| fault.tenant == on.tenant)
                .cloned()
                .collect();
            let mut expected = vec![(2, wrong)];
            if column == "seq" {
                expected.push((2 ^ 1 << 40, Wrong::BehindHead));
            }
            assert_eq!(found(&own), expected, "{column}");
        }
        assert_eq!(check(&on, "whole").await?.1, []);
    }
    Ok(())
}

#[tokio::test]
async fn an_entry_moved_to_a_chain_without_a_head_is_found_there() -> Result<()> {
    for on in platforms().await? {
        change(&on, "tenant_id", 0).await?;
        let faults = check(&on, "tenant_id").await?.1;
        let other: Vec<_> = faults
            .iter()
            .filter(|fault| fault.tenant != on.tenant)
            .cloned()
            .collect();
        assert_eq!(
            found(&other),
            [(0, Wrong::NoHead), (1, Wrong::Missing(1)), (2, Wrong::Subject)]
        );
    }
    Ok(())
}

#[tokio::test]
async fn domain_1_17_missing_entries_are_found_against_the_head() -> Result<()> {
    for on in platforms().await? {
        for (name, gone, wrong) in [
            ("first", "= 1", (1, Wrong::Missing(1))),
            ("middle", "= 3", (3, Wrong::Missing(3))),
            ("last", "= 5", (5, Wrong::Missing(5))),
        ] {
            stream(&on, name, 5).await?;
            let sql =
                format!("DELETE FROM audit_events WHERE tenant_id = $1 AND stream = '{name}' AND seq {gone}");
            run(&on, &sql, vec![tenant(on.tenant)]).await?;
            assert_eq!(found(&check(&on, name).await?.1), [wrong], "{name}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_head_that_was_changed_or_set_back_is_found() -> Result<()> {
    for on in platforms().await? {
        for (name, set, expected) in [
            (
                "hash",
                "hash = (SELECT hash FROM audit_events e WHERE e.tenant_id = $1 AND e.stream = 'hash' AND e.seq = 2)",
                vec![(3, Wrong::Head)],
            ),
            ("back", "seq = 2", vec![(2, Wrong::Head), (3, Wrong::BehindHead)]),
            ("on", "seq = 5", vec![(4, Wrong::Missing(5))]),
        ] {
            stream(&on, name, 3).await?;
            let sql = format!("UPDATE audit_streams SET {set} WHERE tenant_id = $1 AND stream = '{name}'");
            run(&on, &sql, vec![tenant(on.tenant)]).await?;
            assert_eq!(found(&check(&on, name).await?.1), expected, "{name}");
        }
        stream(&on, "none", 2).await?;
        let sql = "DELETE FROM audit_streams WHERE tenant_id = $1 AND stream = 'none'";
        run(&on, sql, vec![tenant(on.tenant)]).await?;
        assert_eq!(found(&check(&on, "none").await?.1), [(0, Wrong::NoHead)]);
    }
    Ok(())
}

#[tokio::test]
async fn a_long_chain_is_checked_in_batches() -> Result<()> {
    let on = TestPlatform::sqlite().await;
    for n in 0..600 {
        write(&on, "long", n, None).await?;
    }
    let (totals, faults) = check(&on, "long").await?;
    assert_eq!((totals.entries, faults), (600, Vec::new()));
    let sql = "UPDATE audit_events SET kind = 'test.undone' WHERE tenant_id = $1 AND seq = 512";
    run(&on, sql, vec![tenant(on.tenant)]).await?;
    assert_eq!(found(&check(&on, "long").await?.1), [(512, Wrong::Header)]);
    Ok(())
}
