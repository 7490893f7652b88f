//! A connection that comes back.
//!
//! Not redis' own `ConnectionManager`: it connects anew after I/O errors only, so that a server that once answers
//! "loading" or "max number of clients reached" to the greeting is lost for ever; and its pending calls wait
//! for all its retries, where ours fail at once and the caller decides.

use std::time::Duration;

use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult, aio::MultiplexedConnection};
use tokio::{sync::Mutex, time::Instant};
use tracing::info;

use crate::QueueError;

/// Longest time to connect.
const CONNECT: Duration = Duration::from_secs(5);
/// First and longest time after a failed attempt in which calls fail without another.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

pub(super) struct Link {
    client: Client,
    config: AsyncConnectionConfig,
    state: Mutex<State>,
}

struct State {
    connection: Option<MultiplexedConnection>,
    /// Raised by each new connection, so that a late error does not close its successor.
    generation: u64,
    pause: Duration,
    not_before: Option<Instant>,
}

impl Link {
    /// `patience`: how long an answer may take.
    pub(super) fn new(url: &str, patience: Duration) -> Result<Self, QueueError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(patience));
        let state = State {
            connection: None,
            generation: 0,
            pause: PAUSE.0,
            not_before: None,
        };
        Ok(Self {
            client: Client::open(url).map_err(error)?,
            config,
            state: Mutex::new(state),
        })
    }

    /// Makes a call; an error that speaks of the connection closes it.
    pub(super) async fn ask<T, F>(&self, call: F) -> Result<T, QueueError>
    where
        F: AsyncFnOnce(&mut MultiplexedConnection) -> RedisResult<T>,
    {
        let (mut connection, generation) = self.connection().await?;
        let result = call(&mut connection).await;
        if is_lost(&result) {
            let mut state = self.state.lock().await;
            if state.generation == generation {
                state.connection = None;
            }
        }
        result.map_err(error)
    }

    /// As [`Self::ask`], for one call at a time: given up before the answer, it closes the connection, and what the server
    /// had yet to do for it is not done.
    pub(super) async fn ask_alone<T, F>(&self, call: F) -> Result<T, QueueError>
    where
        F: AsyncFnOnce(&mut MultiplexedConnection) -> RedisResult<T>,
    {
        let (mut connection, _) = self.connection().await?;
        self.state.lock().await.connection = None;
        let result = call(&mut connection).await;
        if !is_lost(&result) {
            self.state.lock().await.connection = Some(connection);
        }
        result.map_err(error)
    }

    /// The connection, made now if there is none; one caller at a time tries.
    async fn connection(&self) -> Result<(MultiplexedConnection, u64), QueueError> {
        let mut state = self.state.lock().await;
        if let Some(connection) = &state.connection {
            return Ok((connection.clone(), state.generation));
        }
        if state.not_before.is_some_and(|time| Instant::now() < time) {
            return Err(QueueError("not connected".to_owned()));
        }
        match self
            .client
            .get_multiplexed_async_connection_with_config(&self.config)
            .await
        {
            Ok(connection) => {
                info!("connected to Redis");
                let generation = state.generation + 1;
                let fresh = Some(connection.clone());
                *state = State {
                    connection: fresh,
                    generation,
                    pause: PAUSE.0,
                    not_before: None,
                };
                Ok((connection, generation))
            }
            Err(failed) => {
                state.not_before = Some(Instant::now() + state.pause);
                state.pause = (state.pause * 2).min(PAUSE.1);
                Err(error(failed))
            }
        }
    }
}

fn is_lost<T>(result: &RedisResult<T>) -> bool {
    result
        .as_ref()
        .is_err_and(|error| error.is_io_error() || error.is_unrecoverable_error())
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn error(error: RedisError) -> QueueError {
    QueueError(error.to_string())
}
