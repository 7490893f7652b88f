//! Who has how much of a full backlog, so that the flood of one tenant does not refuse the others.

use std::collections::HashMap;

use levqor_store::{TenantId, WaitingRuns};

/// Runs by tenant: those of the last look, and those let in since while the backlog was full.
#[derive(Default)]
pub(super) struct Shares {
    held: HashMap<TenantId, u64>,
    /// All of the last look.
    runs: u64,
}

impl Shares {
    pub(super) fn of(held: &[WaitingRuns]) -> Self {
        let own = |held: &WaitingRuns| (held.tenant_id, u64::try_from(held.runs).unwrap_or_default());
        let held: HashMap<_, _> = held.iter().map(own).collect();
        let runs = held.values().sum();
        Self { held, runs }
    }

    /// All runs of the last look.
    pub(super) fn runs(&self) -> u64 {
        self.runs
    }

    /// Whether the tenant has less than its equal part of what the backlog may hold, itself counted among those who have any.
    /// When less than that was there, the part of what was there: who has all of it has its share.
    pub(super) fn has_room(&self, tenant: TenantId, bound: u64) -> bool {
        let own = self.held.get(&tenant).copied();
        let tenants = self.held.len() as u64 + u64::from(own.is_none());
        own.unwrap_or_default() < self.runs.min(bound) / tenants.max(1)
    }

    pub(super) fn add(&mut self, tenant: TenantId, runs: u64) {
        *self.held.entry(tenant).or_default() += runs;
    }
}
