//! Hints that leave beside an answer. A request drops its hint into a bounded channel and goes on; one task groups what
//! has come in the meantime into messages. A hint that is not sent costs nothing: the relay orders its run.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use levqor_queue::{FRESH, HINTS_PER_MESSAGE, Hint, PRIORITIES, Queue, place};
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
            crowded: false,
            held: Default::default(),
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
    /// The queue was last seen with a backlog, or did not answer.
    crowded: bool,
    /// Hints by priority that are to be pushed, and when they came: the oldest first.
    held: [VecDeque<(Duration, Hint)>; PRIORITIES],
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
            return rings.recv_many(came, CHANNEL).await > 0;
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
mod tests {
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};

    use async_trait::async_trait;
    use levqor_queue::QueueError;
    use parking_lot::Mutex;
    use tokio::sync::Notify;
    use uuid::Uuid;

    use super::*;
    use crate::{clock::Paused, observer::Served};

    /// A queue with a depth that the test decides; remembers messages.
    #[derive(Default)]
    struct Recorder {
        messages: Mutex<Vec<(i16, usize)>>,
        depth: AtomicU64,
        told: Notify,
    }

    #[async_trait]
    impl Queue for Recorder {
        async fn push(&self, priority: i16, hints: &[Hint]) -> Result<u64, QueueError> {
            self.messages.lock().push((priority, hints.len()));
            self.told.notify_one();
            match self.depth.load(SeqCst) {
                u64::MAX => Err(QueueError("away".into())),
                depth => Ok(depth),
            }
        }

        async fn fetch(&self, _: usize, _: Duration) -> Result<Vec<Hint>, QueueError> {
            Ok(Vec::new())
        }

        async fn depth(&self) -> Result<u64, QueueError> {
            Ok(self.depth.load(SeqCst))
        }

        async fn ping(&self) -> Result<(), QueueError> {
            Ok(())
        }
    }

    #[derive(Default)]
    struct Dropped(AtomicUsize);

    impl Observer for Dropped {
        fn served(&self, _: &Served) {}

        fn hints_dropped(&self, count: usize) {
            self.0.fetch_add(count, SeqCst);
        }

        fn over_budget(&self) {}

        fn shed(&self, _: &'static str, _: u64) {}

        fn backlog(&self, _: &'static str, _: u64) {}
    }

    fn start() -> (Doorbell, Arc<Recorder>, Arc<Dropped>) {
        let (queue, dropped) = (Arc::new(Recorder::default()), Arc::new(Dropped::default()));
        let clock = Arc::new(Paused::default());
        (
            Doorbell::start(Arc::clone(&queue) as _, clock, Arc::clone(&dropped) as _),
            queue,
            dropped,
        )
    }

    fn ring(bell: &Doorbell, priority: i16, count: usize) {
        (0..count).for_each(|n| bell.ring(priority, RunId(Uuid::from_u128(n as u128)), 0));
    }

    #[tokio::test(start_paused = true)]
    async fn hints_of_one_moment_share_messages_of_64_by_priority() {
        let (bell, queue, dropped) = start();
        ring(&bell, 1, 100);
        ring(&bell, 0, 3);
        tokio::time::sleep(GATHER).await;
        assert_eq!(*queue.messages.lock(), [(0, 3), (1, 64), (1, 36)]);
        assert_eq!(dropped.0.load(SeqCst), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn hints_that_find_a_backlog_go_when_it_is_gone() {
        let (bell, queue, dropped) = start();
        queue.depth.store(BACKLOG + 1, SeqCst);
        ring(&bell, 1, 1);
        tokio::time::sleep(GATHER * 2).await;
        ring(&bell, 1, 5);
        tokio::time::sleep(LOOK_AGAIN * 2).await;
        assert_eq!(*queue.messages.lock(), [(1, 1)]);
        queue.depth.store(BACKLOG, SeqCst);
        ring(&bell, 1, 2);
        tokio::time::sleep(LOOK_AGAIN * 2).await;
        assert_eq!(*queue.messages.lock(), [(1, 1), (1, 7)]);
        assert_eq!(dropped.0.load(SeqCst), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn hints_are_left_to_the_relay_when_the_backlog_stays() {
        let (bell, queue, dropped) = start();
        queue.depth.store(BACKLOG + 1, SeqCst);
        ring(&bell, 1, 1);
        tokio::time::sleep(GATHER * 2).await;
        ring(&bell, 1, 5);
        tokio::time::sleep(FRESH + LOOK_AGAIN * 2).await;
        assert_eq!((queue.messages.lock().len(), dropped.0.load(SeqCst)), (1, 5));
        queue.depth.store(BACKLOG, SeqCst);
        ring(&bell, 1, 2);
        tokio::time::sleep(LOOK_AGAIN * 2).await;
        assert_eq!(queue.messages.lock().last(), Some(&(1, 2)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_that_fails_is_tried_again_and_costs_only_old_hints() {
        let (bell, queue, dropped) = start();
        queue.depth.store(u64::MAX, SeqCst);
        ring(&bell, 1, 3);
        tokio::time::sleep(FRESH + LOOK_AGAIN * 2).await;
        assert_eq!(dropped.0.load(SeqCst), 3);
        ring(&bell, 1, 1);
        tokio::time::sleep(LOOK_AGAIN * 2).await;
        queue.depth.store(0, SeqCst);
        tokio::time::sleep(LOOK_AGAIN * 2).await;
        assert_eq!(queue.messages.lock().last(), Some(&(1, 1)));
        assert_eq!(dropped.0.load(SeqCst), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_channel_drops_and_counts_without_waiting() {
        let (bell, queue, dropped) = start();
        ring(&bell, 1, CHANNEL + 10);
        assert_eq!(dropped.0.load(SeqCst), 10);
        while queue.messages.lock().len() < CHANNEL / HINTS_PER_MESSAGE {
            queue.told.notified().await;
        }
    }
}
