//! P1: hot UPDATE and DELETE never join, and their cached plans do not depend on statistics.

use levqor_store::{ClaimRequest, IntakeStore, RunId, WorkerStore, WriteFate};
use levqor_testkit::eventually;
use sqlx::Row;
use uuid::Uuid;

use crate::rig::{Db, Rig, append, end, park};

const LOADED: u64 = 100_000;
const BATCH: usize = 500;

/// 100,000 runs that nobody claims, each with a journal and an inbox row.
async fn load(rig: &Rig, db: &mut Db) {
    let (tenant, workflow) = (rig.tenant, rig.workflow);
    db.run(format!(
        "WITH made AS (
             INSERT INTO live (id, tenant_id, workflow_id, priority, ready, created_at, input, seq, inbox)
             SELECT gen_random_uuid(), '{tenant}', '{workflow}', 1, true, 0, '', 1, 1 FROM generate_series(1, {LOADED})
             RETURNING id
         ), journaled AS (INSERT INTO journal (run_id, seq, epoch, body) SELECT id, 1, 0, '' FROM made)
         INSERT INTO inbox (run_id, n, kind, body, at) SELECT id, 1, 1, '', 0 FROM made"
    ))
    .await;
}

/// Full, emptied, vacuumed: when statements are planned now, the tables are known to be empty.
async fn empty(rig: &Rig, db: &mut Db) {
    for table in ["live", "journal", "inbox"] {
        db.run(format!("ALTER TABLE {table} SET (autovacuum_enabled = off)"))
            .await;
    }
    load(rig, db).await;
    db.run("DELETE FROM live; DELETE FROM journal; DELETE FROM inbox")
        .await;
    for table in ["live", "journal", "inbox", "timers", "subscriptions", "outbox"] {
        db.run(format!("VACUUM ANALYZE {table}")).await;
    }
}

/// A batch of runs through every hot statement.
async fn cycle(rig: &Rig, size: usize) {
    let runs: Vec<_> = (0..size).map(|_| rig.new_run()).collect();
    rig.store.intake(rig.id(), &runs).await.unwrap();
    let ids: Vec<_> = runs.iter().map(|run| run.id).collect();
    claim(rig, &ids, 0).await;
    committed(
        &rig.store
            .append(&ids.iter().map(|id| append(*id, 1, 0)).collect::<Vec<_>>())
            .await
            .unwrap(),
    );
    let deliveries: Vec<_> = ids.iter().map(|id| rig.delivery(*id)).collect();
    rig.store.deliver(rig.id(), &deliveries).await.unwrap();
    committed(
        &rig.store
            .park(&ids.iter().map(|id| park(*id, 1, 1, 1)).collect::<Vec<_>>())
            .await
            .unwrap(),
    );
    rig.store.deliver(rig.id(), &deliveries).await.unwrap();
    claim(rig, &ids, 1).await;
    let held: Vec<_> = ids.iter().map(|id| (*id, 2)).collect();
    assert_eq!(rig.store.release(&held).await.unwrap().len(), size);
    claim(rig, &ids, 2).await;
    committed(
        &rig.store
            .end(&ids.iter().map(|id| end(*id, 3, 2, 2)).collect::<Vec<_>>())
            .await
            .unwrap(),
    );
}

async fn claim(rig: &Rig, ids: &[RunId], epoch: i32) {
    let wanted: Vec<_> = ids
        .iter()
        .map(|run| ClaimRequest {
            run: *run,
            epoch,
            token: rig.id(),
        })
        .collect();
    assert_eq!(
        rig.store.claim(rig.worker, &wanted).await.unwrap().len(),
        ids.len()
    );
}

fn committed(fates: &[WriteFate]) {
    assert!(
        fates.iter().all(|fate| *fate == WriteFate::Committed),
        "{fates:?}"
    );
}

/// Sessions report what they read when they end at the latest.
pub(crate) async fn close(rig: &Rig) {
    rig.store.close().await;
    let db = tokio::sync::Mutex::new(rig.connection().await);
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'levqor'
                    AND datname = current_database()";
    let gone = async || db.lock().await.number(sessions).await == 0;
    eventually(std::time::Duration::from_secs(20), gone)
        .await
        .unwrap();
}

/// Sequential scans of a table, rows and blocks read of it, since the counters were reset.
pub(crate) async fn reads(db: &mut Db, table: &str) -> (i64, i64, i64) {
    let read = format!(
        "SELECT seq_scan, idx_tup_fetch, heap_blks_hit + heap_blks_read FROM pg_stat_user_tables
         JOIN pg_statio_user_tables USING (relid) WHERE pg_stat_user_tables.relname = '{table}'"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(read))
        .fetch_one(&mut db.0)
        .await
        .unwrap();
    (row.get(0), row.get(1), row.get(2))
}

/// The counters begin anew.
pub(crate) async fn reset_counters(db: &mut Db) {
    db.run("SELECT pg_stat_force_next_flush()").await;
    db.run("SELECT pg_stat_reset()").await;
}

/// The lines of the plan that a statement ran by.
pub(crate) async fn plan(db: &mut Db, statement: &str) -> Vec<String> {
    let explain = format!("EXPLAIN (ANALYZE, TIMING OFF) {statement}");
    let plan = sqlx::raw_sql(sqlx::AssertSqlSafe(explain))
        .fetch_all(&mut db.0)
        .await
        .unwrap();
    plan.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p01_plans_made_on_an_emptied_table_read_by_index_when_it_is_full() {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    empty(&rig, &mut db).await;
    // Both hot connections make and keep their plans.
    for _ in 0..5 {
        tokio::join!(cycle(&rig, 1), cycle(&rig, 1));
    }
    load(&rig, &mut db).await;
    reset_counters(&mut db).await;
    cycle(&rig, BATCH).await;
    close(&rig).await;
    for table in ["live", "journal", "inbox"] {
        let (scans, rows, blocks) = reads(&mut db, table).await;
        assert!(rows > 0, "{table}: nothing was counted");
        assert_eq!(scans, 0, "{table}: sequential scans");
        // Nine statements of 500 rows; one pass over the table would be 100,000 rows.
        assert!(
            rows < 30_000 && blocks < 60_000,
            "{table}: {rows} rows and {blocks} blocks read"
        );
    }
}

/// The text of an array of these ids.
fn array(ids: &[Uuid]) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    format!("'{{{}}}'", ids.join(","))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p01_broken_a_join_with_the_arrays_keeps_a_plan_that_scans() {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    empty(&rig, &mut db).await;
    db.run("RESET ALL; SET enable_seqscan = on; SET enable_hashjoin = on; SET enable_mergejoin = on")
        .await;
    db.run(
        "PREPARE broken(uuid[], int4[]) AS
         UPDATE live SET state = 1, epoch = h.epoch + 1 FROM unnest($1, $2) AS h (id, epoch)
         WHERE live.id = h.id AND live.epoch = h.epoch AND live.state = 0",
    )
    .await;
    db.run("EXECUTE broken('{}', '{}')").await;
    load(&rig, &mut db).await;
    let ids: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM live LIMIT 500")
        .fetch_all(&mut db.0)
        .await
        .unwrap();
    let epochs = vec!["0"; ids.len()].join(",");
    let plan = plan(
        &mut db,
        &format!("EXECUTE broken({}, '{{{epochs}}}')", array(&ids)),
    )
    .await;
    assert!(
        plan.iter().any(|line| line.contains("Seq Scan on live")),
        "{}",
        plan.join("\n")
    );
}
