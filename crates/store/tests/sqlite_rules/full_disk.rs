//! A full disk: SQLite rolls a transaction back by itself then, and says so to nobody but the statement.

use levqor_store::{Store, StoreError, Tx};
use sea_orm::ConnectionTrait;

use crate::rig::Rig;

async fn run(tx: &Tx, sql: &str) -> Result<(), StoreError> {
    tx.execute_unprepared(sql)
        .await
        .map(drop)
        .map_err(|error| tx.error(error))
}

#[tokio::test]
async fn a_transaction_that_sqlite_rolled_back_by_itself_is_the_last_to_suffer() {
    let rig = Rig::running().await;
    let db = rig.store.db();
    let tx = db.begin().await.unwrap();
    run(&tx, "ROLLBACK").await.unwrap();
    tx.commit().await.unwrap_err();
    // One that is given up after it has written: taken for a savepoint, it would keep the lock.
    let tx = db.begin().await.unwrap();
    run(&tx, "DELETE FROM batches").await.unwrap();
    drop(tx);
    rig.store.ping().await.unwrap();
}
