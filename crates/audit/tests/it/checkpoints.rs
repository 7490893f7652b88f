//! A checkpoint shows what the chains alone cannot.

use anyhow::Result;
use levqor_audit::{BadCheckpoint, Checkpoint, Wrong, checkpoint};
use levqor_platform::{Secrets, testing::TestPlatform};

use crate::rig::{check, platforms, run, stream, tenant, write};

async fn take(on: &TestPlatform) -> Result<String> {
    let secrets = on.platform.secrets("checkpoints")?;
    Ok(checkpoint(&on.platform.db, secrets).await?.to_string())
}

async fn faults(on: &TestPlatform, text: &str) -> Result<Vec<(String, i64, Wrong)>> {
    let secrets = on.platform.secrets("checkpoints")?;
    let (read, mut faults) = (Checkpoint::read(text.as_bytes(), secrets)?, Vec::new());
    let found = read.compare(&on.platform.db, |fault| {
        faults.push((fault.stream.clone(), fault.seq, fault.wrong));
    });
    assert_eq!(found.await?, faults.len() as u64);
    Ok(faults)
}

#[tokio::test]
async fn a_chain_cut_together_with_its_head_is_found() -> Result<()> {
    for on in platforms().await? {
        stream(&on, "cut", 3).await?;
        stream(&on, "gone", 2).await?;
        stream(&on, "whole", 2).await?;
        let taken = take(&on).await?;
        write(&on, "whole", 3, None).await?;
        assert_eq!(faults(&on, &taken).await?, []);
        let own = vec![tenant(on.tenant)];
        for sql in [
            "DELETE FROM audit_events WHERE tenant_id = $1 AND stream = 'cut' AND seq = 3",
            "UPDATE audit_streams SET seq = 2, hash = (SELECT hash FROM audit_events e WHERE e.tenant_id = $1 \
             AND e.stream = 'cut' AND e.seq = 2) WHERE tenant_id = $1 AND stream = 'cut'",
            "DELETE FROM audit_streams WHERE tenant_id = $1 AND stream = 'gone'",
            "DELETE FROM audit_events WHERE tenant_id = $1 AND stream = 'gone' AND seq = 1",
            "DELETE FROM audit_events WHERE tenant_id = $1 AND stream = 'gone' AND seq = 2",
        ] {
            run(&on, sql, own.clone()).await?;
        }
        assert_eq!(check(&on, "cut").await?.1, [], "the chain alone looks whole");
        assert_eq!(check(&on, "gone").await?.1, []);
        let expected = [
            ("cut".to_owned(), 3, Wrong::Checkpoint),
            ("gone".to_owned(), 2, Wrong::Checkpoint),
        ];
        assert_eq!(faults(&on, &taken).await?, expected);
    }
    Ok(())
}

#[tokio::test]
async fn a_checkpoint_that_was_changed_or_is_anothers_is_refused() -> Result<()> {
    let on = TestPlatform::sqlite().await;
    stream(&on, "dsar", 2).await?;
    let taken = take(&on).await?;
    let secrets = on.platform.secrets("checkpoints")?;
    let read = |text: &str, secrets: &Secrets| Checkpoint::read(text.as_bytes(), secrets).map(drop);
    assert_eq!(read(&taken, secrets), Ok(()));
    assert_eq!(read(&taken, &Secrets::new([8; 32])), Err(BadCheckpoint));
    for changed in [
        taken.replace("\"seq\":2", "\"seq\":1"),
        taken.replace("seal", "sael"),
        "[]".to_owned(),
        String::new(),
    ] {
        assert_eq!(read(&changed, secrets), Err(BadCheckpoint), "{changed}");
    }
    Ok(())
}
