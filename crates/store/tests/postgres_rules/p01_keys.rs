//! P1: used idempotency keys are looked up by their index, by a plan made when there were none.

use std::time::Duration;

use levqor_store::{IdempotencyClaim, IntakeFate, IntakeStore, NewRun, StoreError};
use uuid::Uuid;

use crate::{
    p01::{close, plan, reads, reset_counters},
    rig::{Db, Rig},
};

const HELD: u64 = 20_000;
const BATCH: u64 = 500;
const HASH: [u8; 32] = [7; 32];

/// `key-1` to `key-20000` stand for runs.
async fn hold(rig: &Rig, db: &mut Db) {
    let (tenant, hash) = (rig.tenant, "07".repeat(32));
    db.run(format!(
        "INSERT INTO idempotency (tenant_id, key, run_id, expires_at, request_hash)
         SELECT '{tenant}', 'key-' || n, gen_random_uuid(), now_us() + 86400000000, '\\x{hash}'
         FROM generate_series(1, {HELD}) AS n"
    ))
    .await;
}

/// When statements are planned now, it is known that there are no keys.
async fn empty(db: &mut Db) {
    db.run("ALTER TABLE idempotency SET (autovacuum_enabled = off)")
        .await;
    db.run("VACUUM ANALYZE idempotency").await;
}

fn keyed(rig: &Rig, key: String) -> NewRun {
    let keep = Duration::from_hours(24);
    let idempotency = Some(IdempotencyClaim {
        key,
        request_hash: HASH,
        keep,
    });
    NewRun {
        idempotency,
        ..rig.new_run()
    }
}

/// Batches committed long ago, whose keys have been swept: their repeats look for holders and find none.
async fn ask_for_swept_keys(rig: &Rig, db: &mut Db) {
    let token = rig.id();
    let second = Uuid::from_u128(token.as_u128() + 1);
    db.run(format!(
        "INSERT INTO batches VALUES ('{token}', 0), ('{second}', 0)"
    ))
    .await;
    let repeats = (0..20).map(|n| {
        let run = keyed(rig, format!("swept-{n}"));
        rig.start(move |store| async move { store.intake(token, &[run]).await })
    });
    for repeat in repeats.collect::<Vec<_>>() {
        let answer = repeat.await.unwrap();
        assert!(matches!(answer, Err(StoreError::Retry(_))), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p01_used_keys_are_looked_up_by_index_with_a_plan_made_when_there_were_none() {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    empty(&mut db).await;
    // Both hot connections make and keep their plans.
    ask_for_swept_keys(&rig, &mut db).await;
    hold(&rig, &mut db).await;
    reset_counters(&mut db).await;
    let again: Vec<_> = (1..=BATCH)
        .map(|n| keyed(&rig, format!("key-{}", n * 40)))
        .collect();
    let fates = rig.store.intake(rig.id(), &again).await.unwrap();
    assert!(
        fates
            .iter()
            .all(|fate| matches!(fate, IntakeFate::Existing { .. })),
        "{fates:?}"
    );
    close(&rig).await;
    let (scans, rows, blocks) = reads(&mut db, "idempotency").await;
    assert_eq!(scans, 0, "sequential scans");
    assert!(rows > 0, "nothing was counted");
    // Two lookups of each key: by the insert and by the read of what won before.
    assert!(
        rows <= 2_000 && blocks <= 4_000,
        "{rows} rows and {blocks} blocks read"
    );
}

/// Forms that the planner may turn into a join, with the settings that the role has.
const JOINS: [&str; 2] = [
    "SELECT run_id FROM idempotency WHERE (tenant_id, key) IN (SELECT * FROM unnest($1, $2))",
    "SELECT held.run_id FROM unnest($1, $2) AS asked (tenant_id, key) CROSS JOIN LATERAL (
         SELECT run_id FROM idempotency i WHERE i.tenant_id = asked.tenant_id AND i.key = asked.key) held",
];

/// How 50 keys are looked up among 20,000 by a plan made when there were none.
async fn plan_of(rig: &Rig, db: &mut Db, join: &str) -> Vec<String> {
    db.run("DEALLOCATE ALL; TRUNCATE idempotency").await;
    empty(db).await;
    db.run(format!("PREPARE joined (uuid[], text[]) AS {join}")).await;
    db.run("EXECUTE joined('{}', '{}')").await;
    hold(rig, db).await;
    let tenants = vec![rig.tenant.to_string(); 50].join(",");
    let keys = (1..=50).map(|n| format!("key-{n}")).collect::<Vec<_>>().join(",");
    plan(db, &format!("EXECUTE joined('{{{tenants}}}', '{{{keys}}}')")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p01_broken_keys_that_are_joined_keep_a_plan_that_reads_all_keys_for_each() {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    let reads_all = |line: &String| line.contains("on idempotency") && line.contains("rows=20000 loops=1");
    for join in JOINS {
        let mut seen = Vec::new();
        // Other tests change the catalogue of this server, and when many do at once, it plans everything anew.
        for _ in 0..10 {
            seen = plan_of(&rig, &mut db, join).await;
            if seen.iter().any(reads_all) {
                break;
            }
        }
        assert!(seen.iter().any(reads_all), "{}", seen.join("\n"));
    }
}
