//! A data folder with an open store, and connections of the test to its file.

use std::{path::Path, sync::Arc, time::Duration};

use levqor_store::{
    ClaimRequest, Clock, IntakeFate, IntakeStore, NewRun, RunId, SqliteOptions, SqliteStore, TenantId,
    Timestamp, WorkerId, WorkerStore, WorkflowId,
};
use sqlx::{
    AssertSqlSafe, ConnectOptions, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use tempfile::TempDir;
use uuid::Uuid;

/// Nothing here depends on the time.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(1)
    }
}

pub(crate) struct Rig {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) run: RunId,
    folder: TempDir,
}

impl Rig {
    /// With one run, accepted and claimed: epoch 1, seq 0, inbox 0.
    pub(crate) async fn running() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions::default();
        let store = SqliteStore::open(folder.path(), Arc::new(Still), options)
            .await
            .unwrap();
        store.migrate().await.unwrap();
        let run = RunId(Uuid::from_u128(1));
        let accepted = store.intake(Uuid::from_u128(2), &[new_run(run)]).await.unwrap();
        assert_eq!(accepted, [IntakeFate::Accepted { ready: true }]);
        let wanted = [ClaimRequest {
            run,
            epoch: 0,
            token: Uuid::from_u128(3),
        }];
        let claimed = store.claim(WorkerId(Uuid::from_u128(4)), &wanted).await.unwrap();
        assert_eq!(claimed.len(), 1);
        Self {
            store: Arc::new(store),
            run,
            folder,
        }
    }

    /// A second connection to the store's file.
    pub(crate) async fn connection(&self) -> Db {
        Db::open(&self.folder.path().join("levqor.db"), SqliteJournalMode::Wal).await
    }

    /// The run's id as SQL.
    pub(crate) fn id(&self) -> String {
        format!("x'{}'", self.run.0.simple())
    }
}

fn new_run(id: RunId) -> NewRun {
    NewRun {
        id,
        tenant: TenantId(Uuid::nil()),
        workflow: WorkflowId(Uuid::nil()),
        priority: 1,
        run_at: None,
        input: b"{}".to_vec(),
        callback_url: None,
        idempotency: None,
        key: None,
        trace: None,
    }
}

/// A connection of the test.
pub(crate) struct Db(SqliteConnection);

impl Db {
    /// It waits a second for a lock, where waiting helps.
    pub(crate) async fn open(file: &Path, mode: SqliteJournalMode) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(mode)
            .busy_timeout(Duration::from_secs(1));
        Self(options.connect().await.unwrap())
    }

    pub(crate) async fn run(&mut self, sql: impl Into<String>) {
        assert_eq!(self.refused(sql).await, None);
    }

    /// Why SQLite refuses the statements: its extended result code and its words; None when it does them.
    pub(crate) async fn refused(&mut self, sql: impl Into<String>) -> Option<(String, String)> {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.into()))
            .execute(&mut self.0)
            .await;
        let error = done.err()?;
        let error = error.as_database_error().unwrap();
        Some((error.code().unwrap().into_owned(), error.message().to_owned()))
    }

    /// The first column of the only row.
    pub(crate) async fn number(&mut self, sql: impl Into<String>) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.into()))
            .fetch_one(&mut self.0)
            .await
            .unwrap()
    }
}
