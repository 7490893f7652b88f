//! Hints that leave beside an answer. A request drops its hint into a bounded channel and goes on; one task groups what
//! has come in the meantime into messages. A hint that is not sent costs nothing: the relay orders its run.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use levqor_queue::{COMING, FRESH, HEEDED, HINTS_PER_MESSAGE, Hint, PRIORITIES, Queue, place};
use levqor_store::RunId;
use tokio::sync::mpsc;

use crate::{clock::ProcessClock, observer::Observer};

/// Hints on their way to the task, and those it holds.
const CHANNEL: usize = 4_096;

/// With more hints than this in the queue, workers have enough to do and the relay decides what comes next. Below
/// what the relay keeps waiting (half of its 2,000), so that new runs can never lock older ones out.
const BACKLOG: u64 = 900;

/// How long a backlog is believed before the queue is asked again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Pause after a push: under load, hints of this time share messages. A hint after a pause leaves at once.
const GATHER: Duration = Duration::from_millis(2);

type Ring = (i16, Hint);

/// The sending side.
pub(crate) struct Doorbell {
    sender: mpsc::Sender<Ring>,
    clock: Arc<dyn ProcessClock>,
    observer: Arc<dyn Observer>,
    /// Nothing is on its way, and early hints are worth their while.
    rests: Arc<AtomicBool>,
    /// The run of the last early hint has come: requests that start nothing, repeated ones above all, have no more of them.
    trusts: AtomicBool,
}

/// When a hint left before its run was committed, if one did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Early(Option<Duration>);

impl Doorbell {
    /// Starts the task; it ends when the doorbell is dropped.
    pub(crate) fn start(
        queue: Arc<dyn Queue>,
        clock: Arc<dyn ProcessClock>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        let (sender, rings) = mpsc::channel(CHANNEL);
        let rests = Arc::new(AtomicBool::new(false));
        let ringer = Ringer {
            queue,
            clock: Arc::clone(&clock),
            observer: Arc::clone(&observer),
            crowded: false,
            held: Default::default(),
            rests: Arc::clone(&rests),
        };
        tokio::spawn(ringer.run(rings));
        Self {
            sender,
            clock,
            observer,
            rests,
            trusts: AtomicBool::new(true),
        }
    }

    /// Hints that a run is being committed, when there is little to do: a worker is awake by the time the run can be claimed.
    pub(crate) fn ring_early(&self, priority: i16, run: RunId) -> Early {
        if !self.rests.load(Relaxed) || !self.trusts.swap(false, Relaxed) {
            return Early(None);
        }
        self.ring(priority, run, COMING);
        Early(Some(self.clock.elapsed()))
    }

    /// Hints that a new run is ready, unless the early hint will do.
    pub(crate) fn ring_new(&self, priority: i16, run: RunId, early: Early) {
        self.trusts.store(true, Relaxed);
        let waited = |sent| self.clock.elapsed().saturating_sub(sent);
        if early.0.is_none_or(|sent| waited(sent) > HEEDED) {
            self.ring(priority, run, 0);
        }
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
    /// The queue was last seen with a backlog, or did not answer.
    crowded: bool,
    /// Hints by priority that are to be pushed, and when they came: the oldest first.
    held: [VecDeque<(Duration, Hint)>; PRIORITIES],
    rests: Arc<AtomicBool>,
}

impl Ringer {
    async fn run(mut self, mut rings: mpsc::Receiver<Ring>) {
        let mut came = Vec::with_capacity(CHANNEL);
        while self.gather(&mut rings, &mut came).await {
            let now = self.clock.elapsed();
            for (priority, hint) in came.drain(..) {
                self.held[place(priority)].push_back((now, hint));
            }
            self.forget(now);
            self.deliver().await;
            let pause = if self.holds() > 0 { LOOK_AGAIN } else { GATHER };
            tokio::time::sleep(pause).await;
        }
    }

    fn holds(&self) -> usize {
        self.held.iter().map(VecDeque::len).sum()
    }

    /// Takes what has come, at most as much as it may hold; waits for the first when it holds nothing. False when there will
    /// be none.
    async fn gather(&self, rings: &mut mpsc::Receiver<Ring>, came: &mut Vec<Ring>) -> bool {
        let holds = self.holds();
        if holds == 0 {
            self.rests.store(self.queue.is_far() && !self.crowded, Relaxed);
            let some = rings.recv_many(came, CHANNEL).await > 0;
            self.rests.store(false, Relaxed);
            return some;
        }
        came.extend(std::iter::from_fn(|| rings.try_recv().ok()).take(CHANNEL - holds));
        true
    }

    /// Drops those that found a backlog for so long that the relay orders them by now.
    fn forget(&mut self, now: Duration) {
        for held in &mut self.held {
            let old = held.partition_point(|(came, _)| now.saturating_sub(*came) >= FRESH);
            if old > 0 {
                held.drain(..old);
                self.observer.hints_dropped(old);
            }
        }
    }

    /// Pushes what it holds until that is all or the queue has a backlog.
    async fn deliver(&mut self) {
        if self.crowded {
            let depth = self.queue.depth().await;
            self.note(depth.unwrap_or(u64::MAX));
        }
        for priority in 0..PRIORITIES {
            while !self.crowded && !self.held[priority].is_empty() {
                self.push(priority).await;
            }
        }
    }

    /// Pushes one message.
    async fn push(&mut self, priority: usize) {
        let hints = self.held[priority].iter().take(HINTS_PER_MESSAGE);
        let hints: Vec<Hint> = hints.map(|(_, hint)| *hint).collect();
        let level = i16::try_from(priority).unwrap_or_default();
        match self.queue.push(level, &hints).await {
            Ok(depth) => {
                self.held[priority].drain(..hints.len());
                self.note(depth);
            }
            Err(error) => {
                tracing::debug!(%error, "hints not pushed");
                self.note(u64::MAX);
            }
        }
    }

    fn note(&mut self, depth: u64) {
        self.crowded = depth > BACKLOG;
    }
}

#[cfg(test)]
mod tests;
