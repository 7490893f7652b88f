//! What names a person goes, the chain stays.

use std::time::Duration;

use anyhow::Result;
use levqor_audit::{Wrong, erase, expire};
use levqor_platform::testing::TestPlatform;
use levqor_store::UserId;

use crate::rig::{check, platforms, rows, run, stream, tenant, write};

async fn erase_person(on: &TestPlatform, user: UserId) -> Result<u64> {
    let tx = on.platform.db.begin().await?;
    let erased = erase(&tx, on.tenant, user).await?;
    tx.commit().await?;
    Ok(erased)
}

#[tokio::test]
async fn domain_1_17_an_erased_payload_leaves_the_chain_whole_and_names_nobody() -> Result<()> {
    for on in platforms().await? {
        let user = stream(&on, "dsar", 3).await?;
        write(&on, "dsar", 3, None).await?;
        assert_eq!(erase_person(&on, user).await?, 3);
        assert_eq!(erase_person(&on, user).await?, 0);
        let (totals, faults) = check(&on, "dsar").await?;
        assert_eq!((totals.entries, totals.erased, faults), (4, 3, Vec::new()));
        for row in &rows(&on, "dsar").await?[..3] {
            assert_eq!((&row.user_id, &row.salt, &row.payload), (&None, &None, &None));
            let left = format!("{row:?}");
            assert!(!left.contains(&user.to_string()), "{left}");
        }
        write(&on, "dsar", 4, Some(user)).await?;
        assert_eq!(check(&on, "dsar").await?.1, []);
    }
    Ok(())
}

#[tokio::test]
async fn half_an_erasure_is_a_fault() -> Result<()> {
    for on in platforms().await? {
        for (column, wrong) in [
            ("payload", Wrong::Payload),
            ("salt", Wrong::Payload),
            ("user_id", Wrong::Subject),
        ] {
            stream(&on, column, 3).await?;
            let sql = format!(
                "UPDATE audit_events SET {column} = NULL WHERE tenant_id = $1 AND stream = '{column}' AND seq = 2"
            );
            run(&on, &sql, vec![tenant(on.tenant)]).await?;
            let faults = check(&on, column).await?.1;
            assert_eq!(
                faults
                    .iter()
                    .map(|fault| (fault.seq, fault.wrong))
                    .collect::<Vec<_>>(),
                [(2, wrong)]
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn payloads_past_their_time_are_erased_in_batches_oldest_first() -> Result<()> {
    for on in platforms().await? {
        stream(&on, "dsar", 5).await?;
        let now = on.platform.db.now().await?;
        assert_eq!(expire(&on.platform.db, levqor_store::Timestamp(0), 10).await?, 0);
        let after = now.after(Duration::from_hours(1));
        let mut erased = Vec::new();
        while erased.last() != Some(&0) {
            erased.push(expire(&on.platform.db, after, 2).await?);
        }
        assert_eq!(erased, [2, 2, 1, 0]);
        let (totals, faults) = check(&on, "dsar").await?;
        assert_eq!((totals.erased, faults), (5, Vec::new()));
    }
    Ok(())
}
