//! Budgets between steps: asked before each call, from memory.

use levqor_ledger::Spender;

use super::{fault::Fault, row::Row};

impl Row<'_> {
    /// Why the run may make no further call; None when it may. Processes of the installation (people's requests for their
    /// data, dunning) are never stopped by a budget. When the database cannot be asked the run goes on: its next commit
    /// waits for that anyway.
    pub(super) async fn over_budget(&self) -> Option<Fault> {
        let shared = self.shared;
        let document = &self.definition.as_ref()?.document;
        if self.is_ours() {
            return None;
        }
        let spender = Spender {
            tenant: self.tenant,
            namespace: &document.namespace,
            name: &document.name,
            key: self.key,
        };
        let accounting = &shared.options.accounting;
        let own = self.meter.cost(accounting.prices);
        let now = || shared.started.elapsed();
        match shared.budgets.stopping(spender, own, now).await {
            Ok(standing) => standing.map(|standing| {
                shared.stats.budget_stops.increment();
                Fault::budget(&standing, &accounting.currency)
            }),
            Err(error) => {
                tracing::warn!(run = %self.id, %error, "budgets cannot be read");
                None
            }
        }
    }
}
