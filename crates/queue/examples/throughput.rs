//! How many hints a second one process moves from a push through apalis to its handler. Prints; asserts nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use apalis::prelude::{Monitor, WorkerBuilder};
use levqor_queue::{HINTS_PER_MESSAGE, Hint, HintBackend, Hints, MemoryQueue, Queue, RedisQueue, Slots};
use levqor_testkit::Redis;
use tokio::sync::Notify;
use uuid::Uuid;

const HINTS: u32 = 200_000;
const SLOTS: usize = 1_000;

#[derive(Default)]
struct Count {
    handled: AtomicUsize,
    done: Notify,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let server = Redis::start().await?;
    for size in [1, 8, HINTS_PER_MESSAGE] {
        measure("memory", Arc::new(MemoryQueue::new()), size).await?;
        measure(
            "redis",
            Arc::new(RedisQueue::open(&server.url(), "levqor")?),
            size,
        )
        .await?;
    }
    Ok(())
}

/// Pushes `size` hints at a time while a worker handles them.
async fn measure(name: &str, queue: Arc<dyn Queue>, size: usize) -> anyhow::Result<()> {
    let count = Arc::new(Count::default());
    let wanted = if size == 1 { HINTS / 4 } else { HINTS };
    let (workers, seen) = (Arc::clone(&queue), Arc::clone(&count));
    let monitor = Monitor::new().register(move |restarts| {
        let (slots, seen) = (Slots::new(SLOTS), Arc::clone(&seen));
        let backend = HintBackend::new(Arc::clone(&workers), slots.clone());
        WorkerBuilder::new(format!("throughput-{restarts}"))
            .backend(backend)
            .build(move |hints: Hints| {
                for _ in &hints.0 {
                    drop(slots.take());
                }
                let handled = seen.handled.fetch_add(hints.0.len(), Ordering::SeqCst) + hints.0.len();
                if handled >= wanted as usize {
                    seen.done.notify_one();
                }
                std::future::ready(())
            })
    });
    let (context, running) = (monitor.context(), tokio::spawn(monitor.run()));
    let start = Instant::now();
    let hints: Vec<Hint> = (0..wanted)
        .map(|n| Hint {
            run: Uuid::from_u128(n.into()),
            epoch: 0,
        })
        .collect();
    for message in hints.chunks(size) {
        while queue.push(1, message).await? > 8_000 {
            while queue.depth().await? > 4_000 {
                tokio::task::yield_now().await;
            }
        }
    }
    count.done.notified().await;
    let rate = f64::from(wanted) / start.elapsed().as_secs_f64();
    println!("{name}, {size} hints a push: {rate:.0} hints/s");
    context.shutdown()?;
    running.await??;
    Ok(())
}
