//! A sweep that is cut off goes on; two at once take each row once.

use levqor_processes::SYSTEM;
use levqor_retention::{BATCH, Pace, Swept, begin, certify, sweep};
use levqor_store::{Span, Timestamp};

use crate::bench::{Bench, LONG, both};

const BATCHES: u64 = 4;

/// Rows of three batches and a bit.
fn many() -> u16 {
    BATCH * 3 + 7
}

async fn certified_rows(bench: &Bench) -> Vec<i64> {
    let all = bench.certificates(SYSTEM).await;
    let rows = |line: &levqor_retention::Line| (line.dataset == "mails").then_some(line.rows);
    all.iter()
        .map(|one| one.datasets.iter().filter_map(rows).sum())
        .collect()
}

both!(
    domain_10_3_a_sweep_cut_off_after_any_batch_goes_on_and_counts_each_row_once,
    async |bench: Bench| {
        let mut digests = Vec::new();
        for stop in 1..=BATCHES {
            bench
                .mails(bench.tenant(), "a@example.com", many().into(), 91)
                .await;
            let id = bench.id();
            begin(bench.platform(), id, LONG).await.unwrap();
            let mut batches = 0;
            let cut = sweep(bench.platform(), id, "mails", &Pace::FAST, |_| {
                batches += 1;
                batches < stop
            });
            cut.await.unwrap();
            // Another worker takes over, from the beginning of the process.
            begin(bench.platform(), id, LONG).await.unwrap();
            let rest = sweep(bench.platform(), id, "mails", &Pace::FAST, |_| true)
                .await
                .unwrap();
            assert!(stop == BATCHES || rest.rows > 0, "{stop}");
            certify(bench.platform(), id).await.unwrap();
            let line = bench
                .certificates(bench.tenant())
                .await
                .pop()
                .unwrap()
                .datasets
                .remove(0);
            assert_eq!(line.rows, i64::from(many()), "{stop}");
            digests.push(line.digest);
        }
        digests.dedup();
        assert_eq!(digests.len() as u64, BATCHES, "other rows, another digest");
        assert_eq!(bench.left(bench.tenant()).await, 0);
    }
);

both!(
    domain_10_3_a_batch_that_was_not_committed_has_deleted_and_counted_nothing,
    async |bench: Bench| {
        bench.mails(bench.tenant(), "a@example.com", 10, 91).await;
        let db = &bench.platform().db;
        let target = levqor_retention::policy::policy("mails").unwrap().target();
        let span = Span {
            as_of: db.now().await.unwrap(),
            days: 90,
            shortest: 90,
            from: Timestamp(i64::MIN),
        };
        let tx = db.begin().await.unwrap();
        tx.hold_still().await.unwrap();
        assert_eq!(tx.expire(&target, &span, 100).await.unwrap().len(), 10);
        drop(tx);
        assert_eq!(bench.sweep().await.rows, 10);
        assert_eq!(certified_rows(&bench).await, [10]);
    }
);

both!(
    domain_10_7_two_sweeps_at_once_delete_each_row_once_and_certify_right_counts,
    async |bench: Bench| {
        bench
            .mails(bench.tenant(), "a@example.com", many().into(), 91)
            .await;
        bench
            .mails(bench.neighbour, "a@example.com", many().into(), 91)
            .await;
        let whole = async || bench.sweep().await.rows;
        let (a, b) = futures::future::join(whole(), whole()).await;
        assert_eq!(a + b, 2 * i64::from(many()));
        assert_eq!(
            certified_rows(&bench).await.iter().sum::<i64>(),
            2 * i64::from(many())
        );
        assert_eq!(
            bench.left(bench.tenant()).await + bench.left(bench.neighbour).await,
            0
        );
        let report = bench.verify().await;
        assert_eq!((report.rows, report.faults), (2 * i64::from(many()), Vec::new()));
    }
);

both!(
    domain_10_7_two_workers_at_one_sweep_count_each_row_once,
    async |bench: Bench| {
        bench
            .mails(bench.tenant(), "a@example.com", many().into(), 91)
            .await;
        let id = bench.id();
        begin(bench.platform(), id, LONG).await.unwrap();
        let one = async || {
            sweep(bench.platform(), id, "mails", &Pace::FAST, |_| true)
                .await
                .unwrap()
        };
        let (a, b): (Swept, Swept) = futures::future::join(one(), one()).await;
        assert_eq!(a.rows + b.rows, u64::from(many()));
        certify(bench.platform(), id).await.unwrap();
        assert_eq!(certified_rows(&bench).await, [i64::from(many())]);
        let late = sweep(bench.platform(), id, "mails", &Pace::FAST, |_| true)
            .await
            .unwrap();
        assert_eq!(
            late,
            Swept::default(),
            "a worker that wakes after the certificate"
        );
    }
);
