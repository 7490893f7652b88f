//! Statements of the entities that end in time: as `postgres/line.rs`, for what goes through sea-orm.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, error::SqlxError,
};
use tokio::time::timeout;

/// A connection or transaction each statement of which takes at most so long.
#[derive(Clone, Debug)]
pub struct Bounded<C> {
    pub(crate) inner: C,
    pub(crate) limit: Duration,
}

impl<C> Bounded<C> {
    /// The connection itself, for what takes no other, such as the migrations.
    pub fn unbounded(&self) -> &C {
        &self.inner
    }

    /// Something else with the same limit.
    pub(crate) fn with<D>(&self, inner: D) -> Bounded<D> {
        Bounded {
            inner,
            limit: self.limit,
        }
    }

    pub(crate) async fn in_time<T>(&self, work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        within(self.limit, work).await
    }
}

/// What the work answers, or an error of the connection when it takes longer.
pub(crate) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    let silent = || DbErr::Conn(RuntimeErr::SqlxError(Arc::new(SqlxError::PoolTimedOut)));
    timeout(limit, work).await.unwrap_or_else(|_| Err(silent()))
}

#[async_trait]
impl<C: ConnectionTrait> ConnectionTrait for Bounded<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.in_time(self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.in_time(self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.in_time(self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.in_time(self.inner.query_all_raw(statement)).await
    }

    fn support_returning(&self) -> bool {
        self.inner.support_returning()
    }
}
