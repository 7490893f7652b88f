//! The books hold under any interleaving of runs that end and folds, several at once.

use levqor_platform::testing::TestPlatform;
use proptest::{prelude::*, test_runner::TestRunner};

use crate::{
    folding::postgres,
    rig::{Rig, Run, Totals},
};

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    Used(Run),
    /// So many rows.
    Fold(i64),
    /// Two at once.
    FoldTwice(i64),
}

fn run() -> impl Strategy<Value = Run> {
    let amounts = (
        0..10_000_000_000_i64,
        0..30_000_i64,
        prop::option::of(0..1_000_i64),
    );
    let place = (
        prop::option::of(0..2_usize),
        prop::option::of(1..3_u128),
        0..3_i64,
    );
    (place, amounts).prop_map(|((workflow, key, days_ago), (worker_us, calls, value))| Run {
        workflow,
        key,
        days_ago,
        worker_us,
        calls,
        value,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => run().prop_map(Step::Used),
        1 => (1..5_i64).prop_map(Step::Fold),
        1 => (1..5_i64).prop_map(Step::FoldTwice),
    ]
}

/// What all that came to be must sum up to.
fn expected(steps: &[Step]) -> Totals {
    let mut totals = Totals::default();
    for step in steps {
        match step {
            Step::Used(Run { workflow: None, .. }) => totals.mails += 1,
            Step::Used(run) => {
                totals.completed += 1;
                totals.worker_us += run.worker_us;
                totals.calls += run.calls;
                totals.earned += run.value.unwrap_or(3);
            }
            _ => {}
        }
    }
    totals
}

async fn play(rig: &Rig, steps: &[Step]) {
    for step in steps {
        match step {
            Step::Used(run) => rig.used(*run).await,
            Step::Fold(limit) => {
                rig.fold(*limit).await;
            }
            Step::FoldTwice(limit) => {
                tokio::join!(rig.fold(*limit), rig.fold(*limit));
            }
        }
    }
    rig.check().await;
    rig.fold_all().await;
    rig.check().await;
    assert_eq!(rig.totals().await, expected(steps));
    assert_eq!(rig.waiting().await, 0);
}

#[test]
fn the_books_hold_whatever_happens_in_whatever_order() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&prop::collection::vec(step(), 1..40), |steps| {
        runtime.block_on(async {
            let rig = Rig::over(TestPlatform::sqlite().await).await;
            play(&rig, &steps).await;
        });
        Ok(())
    });
    outcome.unwrap();
}

/// Runs end while three fold.
#[tokio::test(flavor = "multi_thread")]
async fn three_that_fold_at_once_book_each_row_once_on_postgres() {
    let rig = postgres().await;
    let steps: Vec<Step> = (0..120_i64)
        .map(|n| {
            Step::Used(Run {
                workflow: (n % 3 != 0).then_some(usize::try_from(n % 2).unwrap_or(0)),
                key: None,
                days_ago: n % 2,
                worker_us: 77_777_777 * n,
                calls: n * 501,
                value: (n % 4 == 0).then_some(n),
            })
        })
        .collect();
    let folding = async || {
        for _ in 0..40 {
            rig.fold(3).await;
        }
    };
    let ending = async || {
        for step in &steps {
            if let Step::Used(run) = step {
                rig.used(*run).await;
            }
        }
    };
    tokio::join!(ending(), folding(), folding(), folding());
    rig.fold_all().await;
    rig.check().await;
    assert_eq!(rig.totals().await, expected(&steps));
}
