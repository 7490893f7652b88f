//! Budgets count what was booked and what was not, once, in their own period.

use std::time::Duration;

use levqor_audit::Actor;
use levqor_ledger::{
    Action, BudgetError, Change, DayMargin, Every, NewBudget, Period, Scope, Spender, Standing, Watch,
    change, create, delete, overview, standings, summary,
};
use levqor_platform::testing::TestPlatform;
use levqor_store::{ApiKey, KeyId, Timestamp};

use crate::{
    folding::postgres,
    rig::{Rig, Run},
};

/// Four minor units and a tenth.
const HOUR: Run = Run {
    workflow: Some(0),
    key: None,
    days_ago: 0,
    worker_us: 3_600_000_000,
    calls: 1_000,
    value: Some(0),
};

fn of(scope: Scope, subject: &str, period: Period, most: i64) -> NewBudget {
    NewBudget {
        scope,
        subject: subject.to_owned(),
        period,
        most,
        action: Action::Stop,
    }
}

impl Rig {
    async fn budget(&self, new: NewBudget) -> levqor_ledger::Budget {
        create(&self.app.platform, self.app.tenant, new, Actor::Operator)
            .await
            .unwrap()
    }

    async fn key(&self) -> KeyId {
        let id = KeyId(self.app.platform.ids.uuid_v7());
        let key = ApiKey {
            id,
            tenant: self.app.tenant,
            name: "k".to_owned(),
            hash: [9; 32],
            prefix: "lvk_9".to_owned(),
            plan: "pro".to_owned(),
            created_at: Timestamp(0),
            revoked_at: None,
        };
        self.app.store.create_key(&key).await.unwrap();
        id
    }

    async fn standings(&self) -> Vec<Standing> {
        let db = &self.app.platform.db;
        standings(db, self.accounting.prices, self.app.tenant)
            .await
            .unwrap()
    }

    async fn spent(&self) -> Vec<i64> {
        self.standings().await.iter().map(|one| one.spent).collect()
    }
}

async fn scopes_and_bookings(rig: Rig) {
    let key = rig.key().await;
    rig.budget(of(Scope::Tenant, "", Period::Total, 100)).await;
    rig.budget(of(Scope::Workflow, "shop/alpha", Period::Total, 100))
        .await;
    rig.budget(of(Scope::Key, &key.to_string(), Period::Total, 100))
        .await;
    rig.used(HOUR).await;
    rig.used(Run {
        workflow: Some(1),
        key: Some(key.0.as_u128()),
        ..HOUR
    })
    .await;
    rig.used(Run::default()).await;
    let before = rig.spent().await;
    assert_eq!(before, [8_240_000, 4_100_000, 4_100_000]);
    rig.fold(1).await;
    assert_eq!(rig.spent().await, before, "half of it booked");
    rig.fold_all().await;
    assert_eq!(rig.spent().await, before, "all of it booked");
    let today = jiff::Timestamp::from_microsecond(rig.now().await.0).unwrap();
    let today = today.to_zoned(jiff::tz::TimeZone::UTC).date();
    let range = today..today.tomorrow().unwrap();
    let lines = summary(
        &rig.app.platform.db,
        &rig.accounting,
        rig.app.tenant,
        range,
        Every::Day,
        None,
    )
    .await
    .unwrap()
    .unwrap();
    let lines: Vec<_> = lines
        .iter()
        .map(|line| (line.workflow.as_str(), line.completed, line.cost(), line.margin()))
        .collect();
    assert_eq!(
        lines,
        [("", 0, 0, 0), ("shop/alpha", 1, 4, -4), ("shop/beta", 1, 4, -4)]
    );
}

#[tokio::test]
async fn a_budget_counts_its_own_booked_or_not_on_sqlite() {
    scopes_and_bookings(Rig::over(TestPlatform::sqlite().await).await).await;
}

#[tokio::test]
async fn a_budget_counts_its_own_booked_or_not_on_postgres() {
    scopes_and_bookings(postgres().await).await;
}

#[tokio::test]
async fn a_day_and_a_month_begin_anew() {
    // 2026-01-31, noon.
    let rig = Rig::over(TestPlatform::sqlite().await).await;
    for period in [Period::Day, Period::Month, Period::Total] {
        rig.budget(of(Scope::Tenant, "", period, 100)).await;
    }
    rig.used(HOUR).await;
    rig.used(Run { days_ago: 1, ..HOUR }).await;
    rig.used(Run { days_ago: 31, ..HOUR }).await;
    rig.fold(2).await;
    assert_eq!(rig.spent().await, [4_100_000, 8_200_000, 12_300_000]);
    let resets: Vec<_> = rig.standings().await.iter().map(|one| one.resets_at).collect();
    let midnight = Some(Timestamp(1_769_904_000_000_000));
    assert_eq!(resets, [midnight, midnight, None]);
    rig.app.clock.advance(Duration::from_hours(12));
    assert_eq!(rig.spent().await, [0, 0, 12_300_000]);
}

#[tokio::test]
async fn who_asks_is_told_of_the_budget_they_are_under() {
    let rig = Rig::over(TestPlatform::sqlite().await).await;
    let key = rig.key().await;
    let budget = rig.budget(of(Scope::Key, &key.to_string(), Period::Day, 5)).await;
    let watch = Watch::new(rig.app.platform.db.clone(), rig.accounting.prices);
    let mine = Spender {
        tenant: rig.app.tenant,
        namespace: "shop",
        name: "alpha",
        key: Some(key),
    };
    let others = Spender { key: None, ..mine };
    let at = |millis| move || Duration::from_millis(millis);
    rig.used(Run {
        key: Some(key.0.as_u128()),
        ..HOUR
    })
    .await;
    assert!(watch.refusing(mine, at(0)).await.unwrap().is_none());
    let own = watch.stopping(mine, 900_000, at(0)).await.unwrap();
    assert_eq!(own.unwrap().budget, budget, "4.1 and its own 0.9 are all of it");
    assert!(watch.stopping(mine, 899_999, at(0)).await.unwrap().is_none());
    let less = Change {
        most: Some(4),
        action: Some(Action::Refuse),
    };
    change(
        &rig.app.platform,
        rig.app.tenant,
        budget.id,
        less,
        Actor::Operator,
    )
    .await
    .unwrap();
    assert!(
        watch.refusing(mine, at(999)).await.unwrap().is_none(),
        "a second old"
    );
    assert!(watch.refusing(mine, at(1_000)).await.unwrap().is_some());
    assert!(watch.refusing(others, at(1_000)).await.unwrap().is_none());
    assert!(
        watch.stopping(mine, 0, at(1_000)).await.unwrap().is_none(),
        "it refuses only"
    );
    assert!(
        delete(&rig.app.platform, rig.app.tenant, budget.id, Actor::Operator)
            .await
            .unwrap()
    );
    assert!(watch.refusing(mine, at(2_000)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_budget_stands_once_and_for_a_key_that_is_there() {
    let rig = Rig::over(TestPlatform::sqlite().await).await;
    rig.budget(of(Scope::Tenant, "", Period::Day, 5)).await;
    let again = async |new| create(&rig.app.platform, rig.app.tenant, new, Actor::Operator).await;
    let same = again(of(Scope::Tenant, "", Period::Day, 9)).await;
    assert!(matches!(same, Err(BudgetError::Exists)), "{same:?}");
    for subject in ["7", "00000000-0000-0000-0000-000000000007"] {
        let unknown = again(of(Scope::Key, subject, Period::Day, 9)).await;
        assert!(matches!(unknown, Err(BudgetError::UnknownKey)), "{unknown:?}");
    }
    for number in 1..levqor_ledger::MOST_BUDGETS {
        let subject = format!("shop/w{number}");
        rig.budget(of(Scope::Workflow, &subject, Period::Day, 9)).await;
    }
    let one_more = again(of(Scope::Tenant, "", Period::Month, 9)).await;
    assert!(matches!(one_more, Err(BudgetError::TooMany)), "{one_more:?}");
}

async fn the_whole_is_seen_at_a_glance(rig: Rig) {
    let glance = async || {
        overview(&rig.app.platform.db, rig.accounting.prices)
            .await
            .unwrap()
    };
    let none = glance().await;
    assert_eq!((none.today.len(), none.furthest), (0, None));
    for run in [
        Run {
            value: Some(9),
            ..HOUR
        },
        Run { days_ago: 1, ..HOUR },
    ] {
        rig.used(run).await;
    }
    // 8.2 minor units in all, 4.1 of them today.
    rig.budget(of(Scope::Tenant, "", Period::Total, 8)).await;
    rig.budget(of(Scope::Tenant, "", Period::Day, 5)).await;
    rig.budget(of(Scope::Workflow, "shop/alpha", Period::Day, 6))
        .await;
    rig.budget(of(Scope::Workflow, "shop/beta", Period::Total, 0))
        .await;
    rig.fold_all().await;
    let seen = glance().await;
    assert_eq!((seen.open, seen.near, seen.exhausted), (1, 1, 2));
    assert!((seen.furthest.unwrap() - 8.2 / 8.0).abs() < 1e-9, "{seen:?}");
    let today = DayMargin {
        workflow: "shop/alpha".to_owned(),
        earned: 9,
        cost: 4_100_000,
    };
    assert_eq!(seen.today, [today]);
}

#[tokio::test]
async fn all_budgets_and_the_day_are_seen_at_a_glance_on_sqlite() {
    the_whole_is_seen_at_a_glance(Rig::over(TestPlatform::sqlite().await).await).await;
}

#[tokio::test]
async fn all_budgets_and_the_day_are_seen_at_a_glance_on_postgres() {
    the_whole_is_seen_at_a_glance(postgres().await).await;
}
