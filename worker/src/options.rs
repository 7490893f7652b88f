//! What an operator may choose.

use std::time::Duration;

use levqor_ledger::Accounting;
use levqor_trace::Tracer;

/// How a worker process behaves. The defaults suit steps that mostly wait for the network.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Host and process, for people.
    pub name: String,
    /// Program version, for people.
    pub version: String,
    /// Runs held at once.
    pub slots: usize,
    /// Activities and HTTP calls performed at once; runs beyond it wait in memory with their slot.
    pub activities: usize,
    /// How long the beat may stand still before the rescuer takes the runs. The scheduler must use the same value.
    pub lease: Duration,
    /// Tell the operator's lists how each run ended.
    pub report_runs: bool,
    /// Activities stop this long before the lease would end: more than a cancelled activity's second of grace.
    pub lease_margin: Duration,
    /// Time between two beats.
    pub beat_every: Duration,
    /// How often the inboxes of runs with a call of some age are looked at. Also that age.
    pub watch_every: Duration,
    /// How often the store's idea of what this worker owns is compared with what it holds (P10).
    pub sweep_every: Duration,
    /// Most journal entries of one run before it faults.
    pub max_entries: usize,
    /// Parsed documents kept in memory.
    pub definitions: usize,
    /// Currency and prices of the books.
    pub accounting: Accounting,
    /// Which traces are recorded.
    pub tracer: Tracer,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            name: "worker".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            slots: 1_000,
            activities: 1_000,
            lease: Duration::from_secs(10),
            report_runs: false,
            lease_margin: Duration::from_secs(2),
            beat_every: Duration::from_secs(1),
            watch_every: Duration::from_secs(1),
            sweep_every: Duration::from_secs(30),
            max_entries: 10_000,
            definitions: 256,
            accounting: Accounting::default(),
            tracer: Tracer::default(),
        }
    }
}
