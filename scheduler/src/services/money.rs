//! Figures of money, for gauges. Apart from the other figures: with many budgets these take longer.

use async_trait::async_trait;
use levqor_store::StoreError;
use tokio::time::Instant;

use super::figures;
use crate::{
    context::Context,
    service::{Pace, Service},
    stats::MoneyFigures,
};

/// Looks.
pub(crate) struct Money;

#[async_trait]
impl Service for Money {
    const NAME: &'static str = "money";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let start = Instant::now();
        let accounting = &context.options.accounting;
        let overview = levqor_ledger::overview(&context.platform.db, accounting.prices).await?;
        let figures = MoneyFigures {
            currency: accounting.currency.clone(),
            overview,
        };
        *context.stats.money.lock() = Some(figures);
        Ok(figures::next(start))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use levqor_audit::Actor;
    use levqor_ledger::{Action, NewBudget, Period, Scope, create};
    use levqor_platform::testing::TestPlatform;

    use super::*;

    #[tokio::test]
    async fn budgets_that_are_used_up_are_told_and_the_next_look_comes_in_time() {
        let app = TestPlatform::sqlite().await;
        let nothing = NewBudget {
            scope: Scope::Tenant,
            subject: String::new(),
            period: Period::Day,
            most: 0,
            action: Action::Stop,
        };
        create(&app.platform, app.tenant, nothing, Actor::Operator)
            .await
            .unwrap();
        let context = Context::of(&app, 1);
        let pace = Money.pass(&context).await.unwrap();
        assert!(
            matches!(pace, Pace::After(pause) if pause >= Duration::from_secs(15)),
            "{pace:?}"
        );
        let figures = context.stats.money.lock().clone().unwrap();
        assert_eq!(figures.currency, "GBP");
        assert_eq!((figures.overview.exhausted, figures.overview.open), (1, 0));
    }
}
