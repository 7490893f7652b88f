//! What goes and what stays.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use levqor_audit::{Actor, Entry};
use levqor_entities::{audit_events, retention_objects, retention_policies};
use levqor_objects::{Key, ObjectError, Objects};
use levqor_platform::Platform;
use levqor_retention::{BATCH, Pace, SweepError, Swept, begin, certify, install, sweep};
use levqor_store::{StoreError, Timestamp};
use sea_orm::{ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::bench::{Bench, LONG, both};

both!(
    domain_10_1_rows_go_when_their_time_is_over_and_not_before,
    async |bench: Bench| {
        bench.mails(bench.tenant(), "a@example.com", 3, 91).await;
        bench.mails(bench.tenant(), "a@example.com", 2, 89).await;
        bench.mails(bench.neighbour, "b@example.com", 4, 1_000).await;
        let certified = bench.sweep().await;
        assert_eq!(
            (certified.rows, certified.tenants, certified.complete),
            (7, 2, true)
        );
        assert_eq!(bench.left(bench.tenant()).await, 2);
        assert_eq!(bench.left(bench.neighbour).await, 0);
        assert_eq!(bench.sweep().await.rows, 0);
    }
);

both!(
    domain_10_3_a_part_is_swept_in_batches_that_others_can_come_between,
    async |bench: Bench| {
        let many = usize::from(BATCH) * 2 + 10;
        bench.mails(bench.tenant(), "a@example.com", many, 91).await;
        let id = bench.id();
        begin(bench.platform(), id, LONG).await.unwrap();
        let mut seen = Vec::new();
        let swept = sweep(bench.platform(), id, "mails", &Pace::FAST, |swept: &Swept| {
            seen.push(swept.rows);
            true
        });
        let swept = swept.await.unwrap();
        assert_eq!(seen, [u64::from(BATCH), u64::from(BATCH) * 2]);
        assert_eq!((swept.rows, swept.complete), (many as u64, true));
    }
);

both!(
    domain_10_3_a_sweep_pauses_after_each_batch_in_proportion_to_it,
    async |bench: Bench| {
        bench
            .mails(bench.tenant(), "a@example.com", usize::from(BATCH) + 1, 91)
            .await;
        let id = bench.id();
        begin(bench.platform(), id, LONG).await.unwrap();
        let pace = Pace {
            times: 1_000_000,
            longest: Duration::from_millis(300),
        };
        let started = std::time::Instant::now();
        sweep(bench.platform(), id, "mails", &pace, |_| true)
            .await
            .unwrap();
        assert!(started.elapsed() >= pace.longest, "{:?}", started.elapsed());
    }
);

both!(
    domain_10_3_no_batch_begins_after_the_deadline_and_the_certificate_says_so,
    async |bench: Bench| {
        bench.mails(bench.tenant(), "a@example.com", 3, 91).await;
        let id = bench.id();
        begin(bench.platform(), id, Duration::ZERO).await.unwrap();
        bench.test.clock.advance(Duration::from_secs(1));
        let swept = sweep(bench.platform(), id, "mails", &Pace::FAST, |_| true)
            .await
            .unwrap();
        assert_eq!(swept, Swept::default());
        assert_eq!(bench.left(bench.tenant()).await, 3);
        let certified = certify(bench.platform(), id).await.unwrap();
        assert_eq!((certified.rows, certified.complete), (0, false));
    }
);

both!(
    domain_10_1_an_anonymised_row_loses_what_names_a_person_and_the_chain_stays_whole,
    async |bench: Bench| {
        let person = bench.person("a@example.com").await;
        let platform = bench.platform();
        let now = platform.db.now().await.unwrap();
        for (at, kind) in [
            (Timestamp(now.0 - 3_000 * 86_400_000_000), "test.old"),
            (now, "test.new"),
        ] {
            let detail = json!({"name": "Ada"});
            let entry = Entry {
                tenant: bench.tenant(),
                stream: "test",
                kind,
                actor: Actor::System,
                subject: Some(person),
                detail: &detail,
            };
            let tx = platform.db.begin().await.unwrap();
            levqor_audit::append(&tx, platform, at, entry).await.unwrap();
            tx.commit().await.unwrap();
        }
        bench.sweep().await;
        let of = |kind: &str| {
            audit_events::secure_find(bench.tenant()).filter(audit_events::Column::Kind.eq(kind))
        };
        let old = of("test.old").one(platform.db.reader()).await.unwrap().unwrap();
        assert_eq!((old.payload, old.salt, old.user_id), (None, None, None));
        let new = of("test.new").one(platform.db.reader()).await.unwrap().unwrap();
        assert!(new.payload.is_some() && new.salt.is_some() && new.user_id == Some(person));
        let checked = levqor_audit::verify(&platform.db, &levqor_audit::Scope::default(), |_| ())
            .await
            .unwrap();
        assert_eq!((checked.erased, checked.faults), (1, 0));
    }
);

/// A storage that is away.
struct Away;

#[async_trait]
impl Objects for Away {
    async fn put(&self, _: &Key, _: Bytes) -> Result<(), ObjectError> {
        Err(ObjectError::Unavailable("test".to_owned()))
    }

    async fn get(&self, _: &Key) -> Result<Option<Bytes>, ObjectError> {
        Err(ObjectError::Unavailable("test".to_owned()))
    }

    async fn delete(&self, _: &Key) -> Result<(), ObjectError> {
        Err(ObjectError::Unavailable("test".to_owned()))
    }
}

async fn doomed(platform: &Platform) -> u64 {
    retention_objects::of_dataset("reports")
        .count(platform.db.reader())
        .await
        .unwrap()
}

both!(
    domain_10_8_files_go_with_their_rows_and_no_outage_leaves_one_behind,
    async |bench: Bench| {
        let (old, new) = (bench.report(366).await, bench.report(364).await);
        let away = Platform {
            objects: Arc::new(Away),
            ..bench.platform().clone()
        };
        let id = bench.id();
        begin(&away, id, LONG).await.unwrap();
        let swept = sweep(&away, id, "reports", &Pace::FAST, |_| true).await.unwrap();
        assert_eq!(
            swept,
            Swept {
                rows: 1,
                objects: 0,
                complete: false
            }
        );
        assert_eq!(doomed(&away).await, 1, "the file is remembered until it is gone");
        assert!(!certify(&away, id).await.unwrap().complete);

        let certified = bench.sweep().await;
        assert_eq!(
            (certified.rows, certified.objects, certified.complete),
            (0, 1, true)
        );
        let objects = &bench.platform().objects;
        assert_eq!(objects.get(&old).await.unwrap(), None);
        assert!(objects.get(&new).await.unwrap().is_some());
        assert_eq!(doomed(bench.platform()).await, 0);
    }
);

both!(
    a_rule_that_is_not_the_sweeps_is_refused_and_a_sweep_that_was_not_begun_does_nothing,
    async |bench: Bench| {
        let id = bench.id();
        for dataset in ["ended.standard", "no_such_table"] {
            let refused = sweep(bench.platform(), id, dataset, &Pace::FAST, |_| true).await;
            assert!(matches!(refused, Err(SweepError::Unknown(_))), "{refused:?}");
        }
        bench.mails(bench.tenant(), "a@example.com", 1, 91).await;
        let swept = sweep(bench.platform(), id, "mails", &Pace::FAST, |_| true)
            .await
            .unwrap();
        assert_eq!(swept, Swept::default());
        assert_eq!(bench.left(bench.tenant()).await, 1);
        assert!(certify(bench.platform(), id).await.is_err());
    }
);

both!(
    without_the_installations_key_nothing_is_deleted,
    async |bench: Bench| {
        bench.mails(bench.tenant(), "a@example.com", 1, 91).await;
        let keyless = Platform {
            secrets: None,
            ..bench.platform().clone()
        };
        let refused = begin(&keyless, bench.id(), LONG).await;
        assert!(
            matches!(refused, Err(SweepError::NotConfigured(_))),
            "{refused:?}"
        );
        let refused = sweep(&keyless, bench.id(), "mails", &Pace::FAST, |_| true).await;
        assert!(
            matches!(refused, Err(SweepError::NotConfigured(_))),
            "{refused:?}"
        );
    }
);

both!(
    rules_are_installed_once_and_a_changed_one_needs_a_new_version,
    async |bench: Bench| {
        let db = &bench.platform().db;
        let count = async || retention_policies::find_all().count(db.reader()).await.unwrap();
        let before = count().await;
        assert_eq!(before, levqor_retention::policy::policies().count() as u64);
        let all = (0..4).map(|_| install(db));
        futures::future::try_join_all(all).await.unwrap();
        assert_eq!(count().await, before);
        let tx = db.begin().await.unwrap();
        tx.execute_unprepared("UPDATE retention_policies SET days = days + 1")
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(install(db).await, Err(StoreError::Setup(why)) if why.contains("new version")));
    }
);
