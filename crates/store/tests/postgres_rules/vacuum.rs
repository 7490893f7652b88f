//! What dead rows leave behind is freed without waiting for autovacuum.

use std::time::Duration;

use levqor_store::SchedulerStore;
use levqor_testkit::eventually;

use crate::rig::{Db, Rig};

const DEAD: &str = "SELECT n_dead_tup::int8 FROM pg_stat_user_tables WHERE relname = 'live'";

/// Leaves so many dead rows in `live`, and waits until the server has counted them.
async fn wear(rig: &Rig, db: &mut Db) {
    let (tenant, workflow) = (rig.tenant, rig.workflow);
    db.run("ALTER TABLE live SET (autovacuum_enabled = off)").await;
    db.run(format!(
        "INSERT INTO live (id, tenant_id, workflow_id, priority, ready, created_at, input)
         SELECT gen_random_uuid(), '{tenant}', '{workflow}', 1, true, 0, '' FROM generate_series(1, 30000)"
    ))
    .await;
    db.run("DELETE FROM live WHERE created_at = 0").await;
    db.run("SELECT pg_stat_force_next_flush()").await;
    let db = tokio::sync::Mutex::new(db);
    let counted = async || db.lock().await.number(DEAD).await >= 30_000;
    eventually(Duration::from_secs(20), counted).await.unwrap();
}

#[tokio::test]
async fn dead_rows_are_freed_while_a_reader_is_in_the_table() {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    wear(&rig, &mut db).await;
    let mut reader = rig.connection().await;
    reader.run("BEGIN; LOCK TABLE live IN ROW EXCLUSIVE MODE").await;
    assert!(rig.store.vacuum().await.unwrap());
    assert_eq!(db.number(DEAD).await, 0);
    assert!(rig.store.vacuum().await.unwrap(), "nothing to do is well, too");
}

#[tokio::test]
async fn it_says_so_when_an_old_transaction_still_sees_them() {
    let rig = Rig::new().await;
    let mut old = rig.connection().await;
    old.run("BEGIN ISOLATION LEVEL REPEATABLE READ").await;
    old.number("SELECT count(*) FROM live").await;
    let mut db = rig.connection().await;
    wear(&rig, &mut db).await;
    assert!(!rig.store.vacuum().await.unwrap());
    old.run("ROLLBACK").await;
    assert!(rig.store.vacuum().await.unwrap());
}
