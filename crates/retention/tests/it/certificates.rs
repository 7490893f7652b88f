//! What a sweep certifies, and that nobody changes it unseen.

use levqor_entities::{ids::SweepId, retention_certificates, retention_counts, retention_sweeps};
use levqor_processes::SYSTEM;
use levqor_retention::{Pace, Report, begin, certificates, certify, sweep};
use sea_orm::{ConnectionTrait, EntityTrait, Insert, IntoActiveModel, PaginatorTrait, Statement};
use uuid::Uuid;

use crate::bench::{Bench, LONG, both};

async fn faults(bench: &Bench) -> Vec<(i64, String)> {
    let report = bench.verify().await;
    report
        .faults
        .into_iter()
        .map(|fault| (fault.number, fault.what))
        .collect()
}

async fn run(bench: &Bench, sql: &str) {
    let tx = bench.platform().db.begin().await.unwrap();
    let statement = Statement::from_string(tx.get_database_backend(), sql);
    let done = tx.execute_raw(statement).await.unwrap();
    assert!(done.rows_affected() > 0, "{sql}");
    tx.commit().await.unwrap();
}

both!(
    domain_10_6_a_certificate_says_rule_cut_off_counts_and_digest_and_is_chained,
    async |bench: Bench| {
        bench.mails(bench.tenant(), "a@example.com", 3, 91).await;
        bench.mails(bench.neighbour, "a@example.com", 2, 91).await;
        bench.sweep().await;
        bench.mails(bench.tenant(), "a@example.com", 1, 91).await;
        bench.sweep().await;

        let own = bench.certificates(bench.tenant()).await;
        assert_eq!(own.iter().map(|one| one.number).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(own[0].previous, None);
        assert!(own[1].previous.as_ref().is_some_and(|hash| hash.len() == 64));
        let line = &own[0].datasets[0];
        assert_eq!(
            (line.dataset.as_str(), line.version, line.action.as_str()),
            ("mails", 1, "delete")
        );
        assert_eq!((line.days, line.rows, line.complete), (90, 3, true));
        assert!(line.cutoff < own[0].as_of && line.digest.as_ref().is_some_and(|digest| digest.len() == 64));
        assert_eq!(bench.certificates(bench.neighbour).await.len(), 1);

        let all = bench.certificates(SYSTEM).await;
        let total = all[0]
            .datasets
            .iter()
            .find(|line| line.dataset == "mails")
            .unwrap();
        assert_eq!((total.rows, all[0].tenants.as_ref().unwrap().count), (5, 2));
        assert!(
            all[0].datasets.len() > 5,
            "rules by which nothing went are there too"
        );
        let report = bench.verify().await;
        assert_eq!(
            report,
            Report {
                certificates: 5,
                chains: 3,
                rows: 6,
                faults: Vec::new()
            }
        );
    }
);

both!(
    domain_10_6_the_digest_of_all_is_the_sum_of_the_tenants,
    async |bench: Bench| {
        bench.mails(bench.tenant(), "a@example.com", 3, 91).await;
        bench.mails(bench.neighbour, "a@example.com", 2, 91).await;
        bench.sweep().await;
        let of = async |tenant| {
            let one = bench.certificates(tenant).await.remove(0);
            let line = one
                .datasets
                .into_iter()
                .find(|line| line.dataset == "mails")
                .unwrap();
            hex::decode(line.digest.unwrap()).unwrap()
        };
        let (mut sum, mut carry) = ([0_u8; 32], 0_u16);
        let (a, b) = (of(bench.tenant()).await, of(bench.neighbour).await);
        for at in (0..32).rev() {
            let digits = u16::from(a[at]) + u16::from(b[at]) + carry;
            sum[at] = u8::try_from(digits & 0xff).unwrap();
            carry = digits >> 8;
        }
        assert_eq!(of(SYSTEM).await, sum);
    }
);

both!(
    domain_10_6_a_changed_certificate_is_found,
    async |bench: Bench| {
        bench.mails(bench.tenant(), "a@example.com", 3, 91).await;
        bench.sweep().await;
        bench.mails(bench.tenant(), "a@example.com", 3, 91).await;
        bench.sweep().await;
        assert_eq!(faults(&bench).await, []);
        let own = retention_certificates::secure_find(bench.tenant())
            .all(bench.platform().db.reader())
            .await
            .unwrap();
        let text = String::from_utf8(own[0].body.clone()).unwrap();
        let forged = text.replace("\"rows\":3", "\"rows\":2");
        assert_ne!(forged, text);
        let set = |body: &str| {
            let literal = match bench.platform().db.reader().get_database_backend() {
                sea_orm::DbBackend::Postgres => format!("'\\x{}'::bytea", hex::encode(body)),
                _ => format!("x'{}'", hex::encode(body)),
            };
            format!(
                "UPDATE retention_certificates SET body = {literal} WHERE number = 1 AND tenant_id = (SELECT id FROM tenants WHERE name = 'acme')"
            )
        };
        run(&bench, &set(&forged)).await;
        let found = faults(&bench).await;
        assert!(
            found
                .iter()
                .any(|(number, what)| *number == 1 && what.contains("signature")),
            "{found:?}"
        );
        assert!(
            found
                .iter()
                .any(|(number, what)| *number == 1 && what.contains("hash")),
            "{found:?}"
        );
        run(&bench, &set(&text)).await;
        assert_eq!(faults(&bench).await, []);
    }
);

both!(
    domain_10_6_a_missing_certificate_is_found_in_the_middle_and_at_the_end,
    async |bench: Bench| {
        for _ in 0..3 {
            bench.mails(bench.tenant(), "a@example.com", 1, 91).await;
            bench.sweep().await;
        }
        run(&bench, "DELETE FROM retention_certificates WHERE number = 3 AND tenant_id = (SELECT id FROM tenants WHERE name = 'acme')").await;
        let found = faults(&bench).await;
        assert_eq!(found.len(), 1);
        assert!(
            found[0].0 == 3 && found[0].1.contains("tenants' certificates"),
            "{found:?}"
        );
        run(&bench, "DELETE FROM retention_certificates WHERE number = 2 AND tenant_id = (SELECT id FROM tenants WHERE name = 'levqor')").await;
        let found = faults(&bench).await;
        assert!(
            found
                .iter()
                .any(|(number, what)| *number == 3 && what.contains("follow")),
            "{found:?}"
        );
    }
);

both!(
    a_chain_whose_oldest_certificates_outlived_their_own_retention_is_whole,
    async |bench: Bench| {
        for _ in 0..3 {
            bench.sweep().await;
        }
        run(&bench, "DELETE FROM retention_certificates WHERE number = 1").await;
        assert_eq!(faults(&bench).await, []);
    }
);

both!(
    certifying_twice_makes_one_certificate_and_answers_the_same,
    async |bench: Bench| {
        bench.mails(bench.tenant(), "a@example.com", 3, 91).await;
        let id = bench.id();
        begin(bench.platform(), id, LONG).await.unwrap();
        sweep(bench.platform(), id, "mails", &Pace::FAST, |_| true)
            .await
            .unwrap();
        let (a, b) =
            futures::future::join(certify(bench.platform(), id), certify(bench.platform(), id)).await;
        let c = certify(bench.platform(), id).await.unwrap();
        assert_eq!((a.unwrap(), b.unwrap()), (c, c));
        assert_eq!(bench.certificates(bench.tenant()).await.len(), 1);
        assert_eq!(
            begin(bench.platform(), id, LONG).await.unwrap(),
            Vec::<&str>::new(),
            "it is over"
        );
        let db = &bench.platform().db;
        assert_eq!(
            retention_sweeps::Entity::find().count(db.reader()).await.unwrap(),
            0
        );
        assert_eq!(
            retention_counts::Entity::find().count(db.reader()).await.unwrap(),
            0
        );
    }
);

both!(
    what_services_deleted_and_what_an_abandoned_sweep_counted_is_certified_by_the_next,
    async |bench: Bench| {
        bench.mails(bench.tenant(), "a@example.com", 3, 91).await;
        let abandoned = bench.id();
        begin(bench.platform(), abandoned, std::time::Duration::ZERO)
            .await
            .unwrap();
        let db = &bench.platform().db;
        let count = |sweep, dataset: &str| retention_counts::Model {
            sweep_id: sweep,
            dataset: dataset.to_owned(),
            tenant_id: bench.tenant(),
            days: 30,
            gone: 5,
            objects: 0,
            digest: None,
        };
        let rows = [
            count(SweepId(Uuid::nil()), "ended.standard"),
            count(abandoned, "reports"),
        ];
        let tx = db.begin().await.unwrap();
        Insert::many(rows.map(IntoActiveModel::into_active_model))
            .exec_without_returning(&*tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        run(&bench, "UPDATE retention_sweeps SET deadline = 0").await;

        assert_eq!(bench.sweep().await.rows, 13);
        let lines = bench.certificates(bench.tenant()).await.remove(0).datasets;
        let of = |dataset: &str| lines.iter().find(|line| line.dataset == dataset).unwrap();
        assert_eq!(
            (of("ended.standard").rows, of("reports").rows, of("mails").rows),
            (5, 5, 3)
        );
        assert_eq!(of("ended.standard").digest, None);
        assert!(
            sweep(bench.platform(), abandoned, "mails", &Pace::FAST, |_| true)
                .await
                .unwrap()
                .rows
                == 0
        );
        assert_eq!(
            retention_sweeps::Entity::find().count(db.reader()).await.unwrap(),
            0
        );
        assert_eq!(faults(&bench).await, []);
    }
);

both!(
    certificates_are_listed_newest_first_page_by_page,
    async |bench: Bench| {
        for _ in 0..3 {
            bench.mails(bench.tenant(), "a@example.com", 1, 91).await;
            bench.sweep().await;
        }
        let numbers = async |before| {
            let page = certificates(&bench.platform().db, bench.tenant(), before, 2)
                .await
                .unwrap();
            page.iter().map(|one| one.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(None).await, [3, 2]);
        assert_eq!(numbers(Some(2)).await, [1]);
    }
);
