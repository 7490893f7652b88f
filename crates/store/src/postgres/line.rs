//! A few connections whose statements end in time, whatever the network does.
//!
//! The server ends a statement after `statement_timeout`, but a connection whose other end is gone without a word says
//! nothing for ever. Here the caller gets [`Unavailable`](crate::StoreError::Unavailable), and the connection is closed.
//!
//! Not sqlx' pool: it asks each connection that comes back whether it lives, which is a round trip for every statement,
//! and it waits for that answer without end, so that a silent one is lost to the pool for good.

use std::{
    io::{self, ErrorKind},
    sync::Arc,
    time::Duration,
};

use futures::{
    FutureExt, StreamExt, TryFutureExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use parking_lot::Mutex;
use sqlx::{
    ConnectOptions, Connection, Either, Error, Execute, Executor, PgConnection, Postgres, SqlStr,
    postgres::{
        PgConnectOptions, PgDatabaseError, PgQueryResult, PgRow, PgSeverity, PgStatement, PgTypeInfo,
    },
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout},
};

use super::error::store_error;
use crate::{StoreError, Timestamp};

/// A connection is closed when it is this old, so that the server frees what it keeps for it.
const OLD: Duration = Duration::from_mins(30);

/// What a statement answers, in pieces.
type Piece = Either<PgQueryResult, PgRow>;

/// Connections of one purpose, opened when needed. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    connect: PgConnectOptions,
    limits: Limits,
    room: Semaphore,
    idle: Mutex<Vec<Open>>,
}

/// What a line may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Connections at once.
    pub(super) connections: u32,
    /// How long the wait for a free one may take.
    pub(super) acquire: Duration,
    /// How long a statement may take, that wait included.
    pub(super) answer: Duration,
}

#[derive(Debug)]
struct Open {
    connection: PgConnection,
    opened: Instant,
}

impl Line {
    pub(super) fn new(connect: &PgConnectOptions, limits: Limits) -> Self {
        let shared = Shared {
            connect: connect.clone(),
            limits,
            room: Semaphore::new(limits.connections as usize),
            idle: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The database's clock.
    pub(crate) async fn now(&self) -> Result<Timestamp, StoreError> {
        let now = sqlx::query_scalar("SELECT now_us()").fetch_one(self).await;
        now.map(Timestamp).map_err(store_error)
    }

    /// Bounds what takes several statements.
    pub(super) async fn bound<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let ended = timeout(self.shared.limits.answer, work).await;
        ended.unwrap_or_else(|_| Err(store_error(silent())))
    }

    /// A connection for a transaction; see [`Held::done`].
    pub(super) async fn hold(&self) -> Result<Held<'_>, Error> {
        let taken = timeout(self.shared.limits.acquire, self.take()).await;
        taken.unwrap_or(Err(Error::PoolTimedOut))
    }

    /// Waits for those in use and closes all. Later calls are [`Error::PoolClosed`].
    pub(super) async fn close(&self) {
        let unused = self
            .shared
            .room
            .acquire_many(self.shared.limits.connections)
            .await;
        self.shared.room.close();
        drop(unused);
        let idle = std::mem::take(&mut *self.shared.idle.lock());
        for open in idle {
            if let Err(error) = open.connection.close().await {
                tracing::debug!(%error, "closing a connection");
            }
        }
    }

    async fn take(&self) -> Result<Held<'_>, Error> {
        let permit = self.shared.room.acquire().await;
        let room = permit.map_err(|_closed| Error::PoolClosed)?;
        let idle = {
            let mut idle = self.shared.idle.lock();
            idle.retain(|open| open.opened.elapsed() < OLD);
            idle.pop()
        };
        let open = match idle {
            Some(open) => open,
            None => Open {
                connection: self.shared.connect.connect().await?,
                opened: Instant::now(),
            },
        };
        Ok(Held {
            open: Some(open),
            shared: &self.shared,
            _room: room,
        })
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let ended = timeout(self.shared.limits.answer, work).await;
        ended.unwrap_or_else(|_| Err(silent()))
    }

    async fn all<'q, E>(&self, query: E) -> Result<Vec<Piece>, Error>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let mut held = self.hold().await?;
        let pieces = held.connection()?.fetch_many(query).try_collect().await;
        held.answered(pieces)
    }

    async fn first<'q, E>(&self, query: E) -> Result<Option<PgRow>, Error>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let mut held = self.hold().await?;
        let row = held.connection()?.fetch_optional(query).await;
        held.answered(row)
    }
}

fn silent() -> Error {
    Error::Io(io::Error::new(ErrorKind::TimedOut, "no answer in time"))
}

/// A connection at work; dropped before [`Held::done`], it is closed.
pub(super) struct Held<'l> {
    open: Option<Open>,
    shared: &'l Shared,
    // Dropped last: the connection is back by then.
    _room: SemaphorePermit<'l>,
}

impl Held<'_> {
    pub(super) fn connection(&mut self) -> Result<&mut PgConnection, Error> {
        let open = self.open.as_mut().ok_or(Error::PoolClosed)?;
        Ok(&mut open.connection)
    }

    /// Nothing is under way on it any more: others may use it.
    pub(super) fn done(mut self) {
        self.shared.idle.lock().extend(self.open.take());
    }

    /// As its answer says, it goes back or is closed; the others that are idle are then hardly better.
    fn answered<T>(self, answer: Result<T, Error>) -> Result<T, Error> {
        match &answer {
            Ok(_) => self.done(),
            Err(Error::Database(error)) if !is_fatal(error.try_downcast_ref()) => self.done(),
            Err(_) => self.shared.idle.lock().clear(),
        }
        answer
    }
}

/// Whether the server closes the connection with it.
fn is_fatal(error: Option<&PgDatabaseError>) -> bool {
    error.is_none_or(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

impl<'c> Executor<'c> for &'c Line {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Piece, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let pieces = self
            .in_time(self.all(query))
            .map_ok(|all| stream::iter(all).map(Ok));
        pieces.try_flatten_stream().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.in_time(self.first(query)).boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'c: 'e,
    {
        let prepare = async move {
            let mut held = self.hold().await?;
            let prepared = held.connection()?.prepare_with(sql, parameters).await;
            held.answered(prepared)
        };
        self.in_time(prepare).boxed()
    }
}
