//! The queue of one process: what `levqor up` runs on.

use std::{collections::VecDeque, time::Duration};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::{sync::Notify, time::timeout};

use crate::{Hint, MAX_WAITING, PRIORITIES, Queue, QueueError, place};

/// Hints in memory; they are gone with the process, and the relay sends them again.
#[derive(Debug, Default)]
pub struct MemoryQueue {
    waiting: Mutex<[VecDeque<Hint>; PRIORITIES]>,
    bell: Notify,
}

impl MemoryQueue {
    /// An empty queue.
    pub fn new() -> Self {
        Self::default()
    }

    fn take(&self, max: usize) -> Vec<Hint> {
        let mut waiting = self.waiting.lock();
        let mut taken = Vec::new();
        for queue in waiting.iter_mut() {
            let count = queue.len().min(max - taken.len());
            taken.extend(queue.drain(..count));
        }
        // One ring wakes one fetch: it passes the ring on when it leaves something.
        if waiting.iter().any(|queue| !queue.is_empty()) {
            self.bell.notify_one();
        }
        taken
    }

    async fn take_when_rung(&self, max: usize) -> Vec<Hint> {
        loop {
            let taken = self.take(max);
            if !taken.is_empty() {
                return taken;
            }
            self.bell.notified().await;
        }
    }

    fn count(waiting: &[VecDeque<Hint>]) -> u64 {
        waiting.iter().map(|queue| queue.len() as u64).sum()
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn push(&self, priority: i16, hints: &[Hint]) -> Result<u64, QueueError> {
        let mut waiting = self.waiting.lock();
        if let Some(queue) = waiting.get_mut(place(priority)) {
            let room = MAX_WAITING.saturating_sub(queue.len());
            queue.extend(hints.iter().take(room));
        }
        self.bell.notify_one();
        Ok(Self::count(waiting.as_slice()))
    }

    async fn fetch(&self, max: usize, wait: Duration) -> Result<Vec<Hint>, QueueError> {
        if max == 0 {
            return Ok(Vec::new());
        }
        Ok(timeout(wait, self.take_when_rung(max)).await.unwrap_or_default())
    }

    async fn depth(&self) -> Result<u64, QueueError> {
        Ok(Self::count(self.waiting.lock().as_slice()))
    }

    async fn ping(&self) -> Result<(), QueueError> {
        Ok(())
    }
}
