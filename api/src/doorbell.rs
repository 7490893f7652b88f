//! Hints that leave beside an answer. A request drops its hint into a bounded channel and goes on; one task groups what
//! has come in the meantime into messages. A hint that is not sent costs nothing: the relay orders its run.

use std::{sync::Arc, time::Duration};

use levqor_queue::{HINTS_PER_MESSAGE, Hint, PRIORITIES, Queue};
use levqor_store::RunId;
use tokio::sync::mpsc;

use crate::{clock::ProcessClock, observer::Observer};

/// Hints on their way to the task.
const CHANNEL: usize = 4_096;

/// With more hints than this in the queue, workers have enough to do and the relay decides what comes next.
const BACKLOG: u64 = 2_000;

/// How long a backlog is believed before the queue is asked again.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Pause after a push: under load, hints of this time share messages. A hint after a pause leaves at once.
const GATHER: Duration = Duration::from_millis(2);

type Ring = (i16, Hint);

/// The sending side.
pub(crate) struct Doorbell {
    sender: mpsc::Sender<Ring>,
    observer: Arc<dyn Observer>,
}

impl Doorbell {
    /// Starts the task; it ends when the doorbell is dropped.
    pub(crate) fn start(
        queue: Arc<dyn Queue>,
        clock: Arc<dyn ProcessClock>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        let (sender, rings) = mpsc::channel(CHANNEL);
        let ringer = Ringer {
            queue,
            clock,
            observer: Arc::clone(&observer),
            crowded: None,
        };
        tokio::spawn(ringer.run(rings));
        Self { sender, observer }
    }

    /// Hints that a run is ready at this epoch. Never waits.
    pub(crate) fn ring(&self, priority: i16, run: RunId, epoch: i32) {
        if self
            .sender
            .try_send((priority, Hint { run: run.0, epoch }))
            .is_err()
        {
            self.observer.hints_dropped(1);
        }
    }
}

struct Ringer {
    queue: Arc<dyn Queue>,
    clock: Arc<dyn ProcessClock>,
    observer: Arc<dyn Observer>,
    /// When the queue was last seen with a backlog or did not answer.
    crowded: Option<Duration>,
}

impl Ringer {
    async fn run(mut self, mut rings: mpsc::Receiver<Ring>) {
        let mut gathered = Vec::with_capacity(CHANNEL);
        while rings.recv_many(&mut gathered, CHANNEL).await > 0 {
            self.deliver(&gathered).await;
            gathered.clear();
            tokio::time::sleep(GATHER).await;
        }
    }

    async fn deliver(&mut self, rings: &[Ring]) {
        for priority in 0..PRIORITIES {
            let hints: Vec<Hint> = rings
                .iter()
                .filter(|(p, _)| usize::try_from(*p) == Ok(priority))
                .map(|(_, hint)| *hint)
                .collect();
            for message in hints.chunks(HINTS_PER_MESSAGE) {
                if !self.free().await || !self.push(priority, message).await {
                    self.observer.hints_dropped(message.len());
                }
            }
        }
    }

    /// Whether the queue takes hints; asks it anew some time after it did not.
    async fn free(&mut self) -> bool {
        let Some(seen) = self.crowded else { return true };
        if self.clock.elapsed().saturating_sub(seen) < LOOK_AGAIN {
            return false;
        }
        let depth = self.queue.depth().await;
        self.note(depth.unwrap_or(u64::MAX));
        self.crowded.is_none()
    }

    async fn push(&mut self, priority: usize, hints: &[Hint]) -> bool {
        let pushed = self
            .queue
            .push(i16::try_from(priority).unwrap_or_default(), hints)
            .await;
        if let Err(error) = &pushed {
            tracing::debug!(%error, "hints not pushed");
        }
        self.note(*pushed.as_ref().unwrap_or(&u64::MAX));
        pushed.is_ok()
    }

    fn note(&mut self, depth: u64) {
        self.crowded = (depth > BACKLOG).then(|| self.clock.elapsed());
    }
}
