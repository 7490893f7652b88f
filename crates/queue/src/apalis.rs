//! The queue as an apalis backend. The one of apalis-redis is not used: every error, a flush, or a payload it
//! cannot read ends its worker, and it fetches without regard to free slots (docs/ARCHITECTURE.md, Queue).

use std::{
    collections::VecDeque,
    convert::Infallible,
    fmt,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral},
    layers::Identity,
    task::{Task, builder::TaskBuilder, task_id::TaskId},
    worker::context::WorkerContext,
};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::time::sleep;
use tracing::warn;

use crate::{HINTS_PER_MESSAGE, Hint, Queue, Slots};

/// How long one fetch waits for the doorbell.
const WAIT: Duration = Duration::from_secs(5);
/// First and longest pause after a failed fetch.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// The arguments of an apalis task: what came in one message, at most [`HINTS_PER_MESSAGE`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hints(pub Vec<Hint>);

/// An apalis backend over any [`Queue`].
///
/// It fetches while slots are free and hands out no more hints than that; the handler takes a
/// [`Slot`](crate::Slot) for each. Its stream never ends and never fails: errors of the queue are logged and
/// tried again for ever. It has no acknowledgement and no heartbeat, because a hint is worthless once read and
/// the beats of workers live in the database. One backend per [`Slots`].
pub struct HintBackend {
    hints: BoxStream<'static, Hints>,
    /// Number of the next task: layers expect tasks to have an id.
    next: u64,
}

impl HintBackend {
    /// Fetches from `queue` for `slots`.
    pub fn new(queue: Arc<dyn Queue>, slots: Slots) -> Self {
        let fetcher = Fetcher {
            queue,
            slots,
            surplus: VecDeque::new(),
        };
        let hints = stream::unfold(fetcher, |mut fetcher| async move {
            Some((fetcher.next().await, fetcher))
        });
        Self {
            hints: hints.boxed(),
            next: 0,
        }
    }
}

impl fmt::Debug for HintBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HintBackend")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl Backend for HintBackend {
    type Task = Task<Hints>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Infallible>>> {
        self.hints.poll_next_unpin(cx).map(|hints| {
            self.next += 1;
            hints.map(|hints| {
                Ok(TaskBuilder::new(hints)
                    .task_id(TaskId::from_int(self.next))
                    .build())
            })
        })
    }

    /// Nothing to give back: hints still here are sent again by the relay.
    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        self.hints = stream::pending().boxed();
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for HintBackend {
    type Args = Hints;
    type Id = u64;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}

struct Fetcher {
    queue: Arc<dyn Queue>,
    slots: Slots,
    /// What the last message held beyond the free slots.
    surplus: VecDeque<Hint>,
}

impl Fetcher {
    async fn next(&mut self) -> Hints {
        loop {
            let free = self.slots.some_free().await;
            if self.surplus.is_empty() {
                self.surplus = self.fetch(free).await.into();
                // Slots may have been taken while the fetch waited.
                continue;
            }
            let count = free.min(HINTS_PER_MESSAGE).min(self.surplus.len());
            self.slots.promise(count);
            return Hints(self.surplus.drain(..count).collect());
        }
    }

    async fn fetch(&self, max: usize) -> Vec<Hint> {
        let mut pause = PAUSE.0;
        loop {
            match self.queue.fetch(max, WAIT).await {
                Ok(hints) => return hints,
                Err(error) => warn!(%error, ?pause, "hints cannot be fetched"),
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }
}
