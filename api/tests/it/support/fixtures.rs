//! Ids and secrets that differ, and a queue that remembers.

use std::{
    sync::atomic::{AtomicU64, Ordering::SeqCst},
    time::Duration,
};

use async_trait::async_trait;
use levqor_queue::{Hint, MemoryQueue, Queue, QueueError};
use levqor_store::IdSource;
use uuid::Uuid;

use super::clock::ManualClock;

/// Ids that rise by one.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, SeqCst)
    }

    /// 32 bytes that no other call answers.
    pub(crate) fn entropy(&self) -> [u8; 32] {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes
    }
}

impl IdSource for Counter {
    fn uuid_v7(&self) -> Uuid {
        let milliseconds = u128::try_from(ManualClock::START_MICROS / 1_000).unwrap();
        Uuid::from_u128(milliseconds << 80 | 0x7000_8000_0000_0000_0000 | u128::from(self.next()))
    }

    fn random(&self) -> u64 {
        self.next()
    }
}

/// A queue that can be made to fail.
#[derive(Default)]
pub(crate) struct TestQueue {
    inner: MemoryQueue,
    pub(crate) broken: std::sync::atomic::AtomicBool,
}

impl TestQueue {
    fn check(&self) -> Result<(), QueueError> {
        if self.broken.load(SeqCst) {
            Err(QueueError("switched off".into()))
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl Queue for TestQueue {
    async fn push(&self, priority: i16, hints: &[Hint]) -> Result<u64, QueueError> {
        self.check()?;
        self.inner.push(priority, hints).await
    }

    async fn fetch(&self, max: usize, wait: Duration) -> Result<Vec<Hint>, QueueError> {
        self.inner.fetch(max, wait).await
    }

    async fn depth(&self) -> Result<u64, QueueError> {
        self.check()?;
        self.inner.depth().await
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.check()
    }
}
