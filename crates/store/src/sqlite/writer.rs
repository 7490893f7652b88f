//! The one writer: a task that owns the only connection that writes (P15).
//!
//! Writes that wait while another commits go into one transaction, each behind a savepoint of its own, so that they
//! share one fsync and a refused one does not take its neighbours with it. Nobody is answered before the commit.

use std::sync::Arc;

use futures::{
    TryStreamExt,
    future::{BoxFuture, ready},
};
use parking_lot::Mutex;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteQueryResult, SqliteRow};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Error, Execute, Executor, SqlSafeStr, Sqlite,
    SqliteConnection, query::Query,
};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::error::{closed, store_error};
use super::rows::Rows;
use super::steady::Steady;
use crate::{StoreError, Timestamp};

/// Writes that may wait (I7); beyond it their callers do.
const QUEUE: usize = 64;
/// A shared transaction takes no more writes once it holds this many rows, so that none waits long for the others.
const SHARED_ROWS: usize = 2_000;

/// A statement, or several in one call, with its values.
type Bound = Query<'static, Sqlite, SqliteArguments>;

/// An open transaction, as a write sees it.
pub(super) struct Tx {
    connection: SqliteConnection,
    /// What opens it, if that is yet to be done: it travels with the first statement.
    begin: Option<&'static str>,
    /// The store's clock, read when this write began.
    pub(super) now: Timestamp,
}

impl Tx {
    /// What the last statement of the call did.
    pub(super) async fn execute(&mut self, query: Bound) -> Result<SqliteQueryResult, StoreError> {
        let query = self.whole(query)?;
        let all = self.connection.execute_many(query);
        let last = all.try_fold(SqliteQueryResult::default(), |_, last| ready(Ok(last)));
        last.await.map_err(store_error)
    }

    pub(super) async fn all(&mut self, query: Bound) -> Result<Vec<SqliteRow>, StoreError> {
        let query = self.whole(query)?;
        query.fetch_all(&mut self.connection).await.map_err(store_error)
    }

    pub(super) async fn first(&mut self, query: Bound) -> Result<Option<SqliteRow>, StoreError> {
        let query = self.whole(query)?;
        let row = query.fetch_optional(&mut self.connection).await;
        row.map_err(store_error)
    }

    /// With what opens the transaction before it, if that is yet to be done.
    fn whole(&mut self, mut query: Bound) -> Result<Bound, StoreError> {
        let Some(begin) = self.begin.take() else {
            return Ok(query);
        };
        let arguments = query.take_arguments();
        let arguments = arguments.map_err(|error| store_error(Error::Encode(error)))?;
        let text = format!("{begin};{}", query.sql().as_str());
        Ok(sqlx::query_with(
            AssertSqlSafe(text),
            arguments.unwrap_or_default(),
        ))
    }

    async fn run(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.execute(sqlx::query(sql)).await.map(drop)
    }
}

/// A statement over `rows` as `?1` and `?2`; further values are bound from `?3` on.
pub(super) fn over(sql: impl SqlSafeStr, rows: &Rows) -> Bound {
    sqlx::query(sql).bind(rows.json()).bind(rows.blob().to_vec())
}

/// Statements in one call, with the same parameters: each call is a way to the thread of the connection and back, which
/// costs more than most statements.
pub(super) fn together(statements: impl IntoIterator<Item = &'static str>) -> AssertSqlSafe<String> {
    let mut text = String::new();
    for statement in statements {
        text.push_str(statement);
        text.push(';');
    }
    AssertSqlSafe(text)
}

/// Tells the caller how its write ended.
type Tell = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Whether the write is to be kept, and whom to tell after the commit.
struct Done {
    keep: bool,
    tell: Tell,
}

/// A write, to be given the transaction.
type Work = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Done> + Send>;

/// A write that waits for its turn.
struct Job {
    rows: usize,
    work: Work,
}

/// The way to the writer task; the task ends when it is dropped or stopped.
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    stop: Arc<Notify>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Opens the connection and starts the task, which keeps `held` until it has closed the connection.
    pub(super) async fn start(
        options: &SqliteConnectOptions,
        clock: Arc<Steady>,
        gate: Arc<tokio::sync::Mutex<()>>,
        held: impl Send + 'static,
    ) -> Result<Self, StoreError> {
        let connection = options.connect().await.map_err(store_error)?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let mut tx = Tx {
            connection,
            begin: None,
            now: clock.now(),
        };
        let task = tokio::spawn(async move {
            serve(&mut tx, queue, &stopped, &clock, &gate).await;
            if let Err(error) = tx.connection.close().await {
                tracing::warn!(%error, "closing the database");
            }
            drop(held);
        });
        Ok(Self {
            jobs,
            stop,
            task: Mutex::new(Some(task)),
        })
    }

    /// Commits what was accepted, takes nothing more, closes the connection. Does nothing the second time.
    pub(super) async fn close(&self) {
        self.stop.notify_one();
        let task = self.task.lock().take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the writer of the database");
        }
    }

    /// Does `work` in a transaction and answers when it is committed. `rows` is its size, for sharing. The work goes
    /// on when the caller stops waiting.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        rows: usize,
        work: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |tx| {
            Box::pin(async move {
                let result = work(tx).await;
                let keep = result.is_ok();
                let tell = move |commit: Result<(), StoreError>| {
                    // The caller may have stopped waiting.
                    let _unheard = answer.send(result.and_then(|value| commit.map(|()| value)));
                };
                Done {
                    keep,
                    tell: Box::new(tell),
                }
            })
        });
        let job = Job { rows, work };
        self.jobs.send(job).await.map_err(|_closed| closed())?;
        answered.await.map_err(|_closed| closed())?
    }
}

/// One transaction after another until nobody can send any more.
async fn serve(
    tx: &mut Tx,
    mut queue: mpsc::Receiver<Job>,
    stop: &Notify,
    clock: &Steady,
    gate: &tokio::sync::Mutex<()>,
) {
    loop {
        let first = tokio::select! {
            first = queue.recv() => first,
            () = stop.notified() => {
                queue.close();
                continue;
            }
        };
        let Some(first) = first else { break };
        let mut told = Vec::new();
        // Not while the product's tables are written; the mutex is fair, so neither starves the other.
        let turn = gate.lock().await;
        let outcome = transaction(tx, first, &mut queue, clock, &mut told).await;
        if let Err(error) = &outcome {
            tracing::warn!(%error, writes = told.len(), "a transaction was not committed");
            // May fail because SQLite has rolled back by itself.
            let _gone = tx.run("ROLLBACK").await;
        }
        drop(turn);
        for tell in told {
            tell(outcome.as_ref().copied().map_err(unknown_outcome));
        }
    }
}

/// The commit's failure as each of its writes is told it.
fn unknown_outcome(error: &StoreError) -> StoreError {
    match error {
        StoreError::Retry(why) => StoreError::Retry(why.clone()),
        other => StoreError::Unavailable(other.to_string()),
    }
}

/// The first write and those that wait behind it, up to a size, in one transaction.
async fn transaction(
    tx: &mut Tx,
    first: Job,
    queue: &mut mpsc::Receiver<Job>,
    clock: &Steady,
    told: &mut Vec<Tell>,
) -> Result<(), StoreError> {
    let mut rows = first.rows;
    if !attempt(tx, "BEGIN IMMEDIATE", first, clock, told).await? {
        return tx.run("ROLLBACK").await;
    }
    let mut savepoint = "SAVEPOINT one";
    while rows < SHARED_ROWS {
        let Ok(job) = queue.try_recv() else { break };
        rows += job.rows;
        if !attempt(tx, savepoint, job, clock, told).await? {
            tx.run("ROLLBACK TO one").await?;
        }
        savepoint = "RELEASE one; SAVEPOINT one";
    }
    // Releases the last savepoint too.
    tx.run("COMMIT").await
}

/// Does one write behind `begin`; whether it is to be kept.
async fn attempt(
    tx: &mut Tx,
    begin: &'static str,
    job: Job,
    clock: &Steady,
    told: &mut Vec<Tell>,
) -> Result<bool, StoreError> {
    tx.now = clock.now();
    tx.begin = Some(begin);
    let done = (job.work)(tx).await;
    told.push(done.tell);
    if let Some(begin) = tx.begin.take() {
        // It had nothing to say; the next one goes on from here all the same.
        tx.run(begin).await?;
    }
    Ok(done.keep)
}
