//! The scheduler role.

use levqor_scheduler::{Scheduler, SchedulerHandle, SchedulerOptions};
use levqor_store::WorkerId;

use super::Parts;

/// Starts campaigning for the lease.
pub(crate) fn start(parts: &Parts) -> SchedulerHandle {
    Scheduler {
        store: parts.store.clone(),
        queue: parts.queue.clone(),
        egress: parts.egress.clone(),
        signer: parts.signer.clone(),
        options: SchedulerOptions {
            worker_lease: parts.config.worker_lease,
            ..SchedulerOptions::default()
        },
        holder: WorkerId(parts.ids.uuid_v7()),
    }
    .start()
}
