//! What an ended run becomes in the books, on both databases.

use levqor_entities::ledger_entries;
use levqor_ledger::{Amounts, Booked};
use levqor_platform::testing::TestPlatform;
use levqor_testkit::Postgres;
use serde_json::{Value, json};

use crate::rig::{Rig, Run, Totals};

pub(crate) async fn postgres() -> Rig {
    let url = Postgres::shared().await.unwrap().create_database().await.unwrap();
    Rig::over(TestPlatform::postgres(&url).await.unwrap()).await
}

/// An hour of a worker with a call, worth 12.
const HOUR: Run = Run {
    workflow: Some(0),
    key: Some(5),
    days_ago: 0,
    worker_us: 3_600_000_000,
    calls: 1,
    value: Some(12),
};

async fn an_hour_is_booked(rig: Rig) {
    rig.used(HOUR).await;
    assert_eq!(rig.fold(10).await, 1);
    assert_eq!(rig.fold(10).await, 0, "a row is booked once");
    let found: Vec<_> = rig
        .postings()
        .await
        .into_iter()
        .map(|posting| (posting.debit, posting.credit, posting.amount))
        .collect();
    let moved = |debit: &str, credit: &str, amount| (debit.to_owned(), credit.to_owned(), amount);
    assert_eq!(
        found,
        [
            moved("receivable:value", "income:value", 12),
            moved("expense:worker", "payable:worker", 4)
        ]
    );
    assert_eq!(
        rig.accounts().await["expense:calls"],
        (0, 100),
        "a call is carried until it is a minor unit"
    );
    let entry = ledger_entries::secure_find(rig.app.tenant)
        .one(rig.app.platform.db.reader())
        .await
        .unwrap()
        .unwrap();
    let detail: Value = serde_json::from_str(&entry.detail).unwrap();
    assert_eq!(
        (entry.workflow.as_str(), entry.currency.as_str()),
        ("shop/alpha", "GBP")
    );
    assert_eq!(detail["worker_us"], 3_600_000_000_u64);
    assert_eq!(
        detail["prices"],
        json!({"worker_hour": 4_000_000, "call": 100, "mail": 40_000})
    );
    rig.check().await;
}

#[tokio::test]
async fn an_hour_of_a_worker_is_booked_on_sqlite() {
    an_hour_is_booked(Rig::over(TestPlatform::sqlite().await).await).await;
}

#[tokio::test]
async fn an_hour_of_a_worker_is_booked_on_postgres() {
    an_hour_is_booked(postgres().await).await;
}

async fn small_things_add_up(rig: Rig) {
    for _ in 0..50 {
        // A mail costs a twenty-fifth of a minor unit; a run that names no value is worth what the plan says.
        rig.used(Run::default()).await;
        rig.used(Run {
            workflow: Some(1),
            worker_us: 150,
            ..Run::default()
        })
        .await;
        rig.fold(100).await;
    }
    let accounts = rig.accounts().await;
    assert_eq!(accounts["expense:mails"], (2, 0));
    assert_eq!(accounts["payable:mails"].0, -2);
    assert_eq!(accounts["income:value"].0, -150);
    assert_eq!(
        rig.totals().await,
        Totals {
            completed: 50,
            worker_us: 7_500,
            calls: 0,
            mails: 50,
            earned: 150,
        }
    );
    rig.check().await;
}

#[tokio::test]
async fn what_is_less_than_a_minor_unit_adds_up_on_sqlite() {
    small_things_add_up(Rig::over(TestPlatform::sqlite().await).await).await;
}

#[tokio::test]
async fn what_is_less_than_a_minor_unit_adds_up_on_postgres() {
    small_things_add_up(postgres().await).await;
}

#[tokio::test]
async fn a_fold_tells_what_it_booked_by_workflow() {
    let rig = Rig::over(TestPlatform::sqlite().await).await;
    for run in [
        HOUR,
        HOUR,
        Run {
            workflow: Some(1),
            ..HOUR
        },
        Run::default(),
    ] {
        rig.used(run).await;
    }
    let hour = Amounts {
        value: 12,
        worker: 4_000_000,
        calls: 100,
        mails: 0,
    };
    let mail = Amounts {
        mails: 40_000,
        ..Amounts::default()
    };
    let both = Amounts {
        value: 24,
        worker: 8_000_000,
        calls: 200,
        mails: 0,
    };
    let expected = [("", mail), ("shop/alpha", both), ("shop/beta", hour)];
    let booked = Booked {
        rows: 4,
        workflows: expected.map(|(name, amounts)| (name.to_owned(), amounts)).into(),
    };
    assert_eq!(rig.booked(10).await, booked);
    assert_eq!(rig.booked(10).await, Booked::default());
}

#[tokio::test]
async fn a_posting_that_moves_nothing_or_to_itself_is_no_row() {
    use sea_orm::ConnectionTrait as _;
    let rig = Rig::over(TestPlatform::sqlite().await).await;
    rig.used(HOUR).await;
    rig.fold(10).await;
    for (debit, credit, amount) in [("a", "a", 1), ("a", "b", 0), ("a", "b", -1)] {
        let tx = rig.app.platform.db.begin().await.unwrap();
        let sql = format!(
            "INSERT INTO ledger_postings SELECT id, 9, tenant_id, '{debit}', '{credit}', {amount} FROM ledger_entries"
        );
        assert!(
            tx.execute_unprepared(&sql).await.is_err(),
            "{debit} {credit} {amount}"
        );
    }
}
