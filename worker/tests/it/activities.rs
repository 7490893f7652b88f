//! Activities that tests hold in their hands.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use levqor_worker::activity::{Activity, ActivityError, Context};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::{Semaphore, watch};

/// Waits at a gate, and notes who came.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) keys: Arc<Mutex<Vec<String>>>,
    arrived: Arc<watch::Sender<usize>>,
    open: Arc<Semaphore>,
    heeds: bool,
}

impl Gate {
    /// Stops when it is told to.
    pub(crate) fn new() -> Self {
        Self {
            keys: Arc::default(),
            arrived: Arc::new(watch::Sender::new(0)),
            open: Arc::new(Semaphore::new(0)),
            heeds: true,
        }
    }

    /// Does not listen when it is told to stop.
    pub(crate) fn deaf() -> Self {
        Self {
            heeds: false,
            ..Self::new()
        }
    }

    /// Lets the first attempt through at once.
    pub(crate) fn new_open() -> Self {
        let gate = Self::new();
        gate.open();
        gate
    }

    /// Lets one attempt through.
    pub(crate) fn open(&self) {
        self.open.add_permits(1);
    }

    /// Waits until this many attempts have come.
    pub(crate) async fn arrivals(&self, n: usize) {
        let mut arrived = self.arrived.subscribe();
        let waited =
            tokio::time::timeout(super::bench::PATIENCE, arrived.wait_for(|count| *count >= n)).await;
        waited.expect("the attempt did not come").unwrap();
    }
}

impl Activity for Gate {
    const NAME: &'static str = "gate";
    const ABOUT: &'static str = "Waits until the test lets it go on.";
    type Input = Value;
    type Output = Value;

    async fn run(&self, input: Value, ctx: &Context) -> Result<Value, ActivityError> {
        self.keys.lock().push(ctx.idempotency_key().to_owned());
        ctx.progress(50, "at the gate");
        self.arrived.send_modify(|count| *count += 1);
        tokio::select! {
            permit = self.open.acquire() => permit.unwrap().forget(),
            () = ctx.cancellation().cancelled(), if self.heeds => return Err(ActivityError::cancelled()),
        }
        Ok(input)
    }
}

/// Fails, or panics, a number of times before it succeeds.
#[derive(Clone)]
pub(crate) struct Flaky {
    pub(crate) keys: Arc<Mutex<Vec<String>>>,
    failures: usize,
    how: fn() -> ActivityError,
    made: Arc<AtomicUsize>,
}

impl Flaky {
    pub(crate) fn new(failures: usize, how: fn() -> ActivityError) -> Self {
        Self {
            keys: Arc::default(),
            failures,
            how,
            made: Arc::default(),
        }
    }
}

impl Activity for Flaky {
    const NAME: &'static str = "flaky";
    const ABOUT: &'static str = "Fails as often as the test says.";
    type Input = Value;
    type Output = u32;

    async fn run(&self, _input: Value, ctx: &Context) -> Result<u32, ActivityError> {
        self.keys.lock().push(ctx.idempotency_key().to_owned());
        if self.made.fetch_add(1, SeqCst) < self.failures {
            Err((self.how)())
        } else {
            Ok(ctx.attempt())
        }
    }
}
