//! Callers with a key: the keys of one tenant share the rate of its plan, so that making keys makes no room.

use std::{collections::HashMap, time::Duration};

use levqor_store::TenantId;
use parking_lot::Mutex;

use super::window::{Verdict, Window};
use crate::options::Rates;

/// The table is swept when it has grown to this; tenants seen in the last two minutes stay.
const SWEEP_AT: usize = 10_000;

pub(crate) struct Plans {
    rates: Rates,
    tenants: Mutex<HashMap<TenantId, Window>>,
}

impl Plans {
    pub(crate) fn new(rates: Rates) -> Self {
        Self {
            rates,
            tenants: Mutex::default(),
        }
    }

    /// Counts a request; None when the plan has no limit.
    pub(crate) fn take(&self, tenant: TenantId, plan: &str, now: Duration) -> Option<Verdict> {
        let limit = self.rates.of(plan)?;
        let mut tenants = self.tenants.lock();
        if tenants.len() >= SWEEP_AT {
            tenants.retain(|_, window| !window.idle(now));
        }
        Some(
            tenants
                .entry(tenant)
                .or_insert_with(|| Window::new(now))
                .take(now, limit),
        )
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_plan_has_its_rate_and_each_tenant_its_own_count() {
        let plans = Plans::new(Rates {
            sandbox: 3,
            pro: 5,
            enterprise: None,
            ..Rates::default()
        });
        let now = Duration::from_secs(9);
        let taken = |tenant: u128, plan: &str| {
            let tenant = TenantId(Uuid::from_u128(tenant));
            (0..100)
                .filter(|_| {
                    plans
                        .take(tenant, plan, now)
                        .is_none_or(|v| v.remaining.is_some())
                })
                .count()
        };
        assert_eq!(taken(1, "sandbox"), 3);
        assert_eq!(taken(2, "sandbox"), 3);
        assert_eq!(taken(3, "pro"), 5);
        assert_eq!(taken(4, "enterprise"), 100);
        assert_eq!(taken(5, "a plan of the future"), 3);
    }
}
