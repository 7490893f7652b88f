//! A dry run says what a sweep would do and does nothing.

use levqor_audit::Actor;
use levqor_retention::{place, preview};
use levqor_store::{Expired, TenantId};

use crate::{
    bench::{Bench, both},
    holds::hold,
};

async fn mails(bench: &Bench, tenant: Option<TenantId>) -> Expired {
    let all = preview(&bench.platform().db, tenant).await.unwrap();
    all.into_iter()
        .find(|one| one.rule.policy.dataset == "mails")
        .unwrap()
        .expired
}

both!(
    domain_10_4_a_dry_run_counts_and_shows_oldest_newest_and_samples,
    async |bench: Bench| {
        let ada = bench.person("ada@example.com").await;
        bench.mails(bench.tenant(), "a@example.com", 7, 91).await;
        bench.mails(bench.tenant(), "a@example.com", 1, 300).await;
        bench.mails(bench.tenant(), "ada@example.com", 2, 500).await;
        bench.mails(bench.tenant(), "a@example.com", 5, 10).await;
        bench.mails(bench.neighbour, "a@example.com", 3, 400).await;
        place(
            bench.platform(),
            bench.tenant(),
            hold(Some(ada), None),
            Actor::Operator,
        )
        .await
        .unwrap();

        let own = mails(&bench, Some(bench.tenant())).await;
        assert_eq!((own.rows, own.held, own.more, own.sample.len()), (8, 2, false, 5));
        let now = bench.platform().db.now().await.unwrap();
        let days = |at: Option<levqor_store::Timestamp>| now.since(at.unwrap()).as_secs() / 86_400;
        assert_eq!((days(own.oldest), days(own.newest)), (300, 91));
        let all = mails(&bench, None).await;
        assert_eq!((all.rows, all.held, days(all.oldest)), (11, 2, 400));
        let none = mails(&bench, Some(TenantId(uuid::Uuid::from_u128(9)))).await;
        assert_eq!(none, Expired::default());
    }
);

both!(
    domain_10_4_a_dry_run_changes_nothing_and_the_sweep_then_takes_what_it_said,
    async |bench: Bench| {
        bench.mails(bench.tenant(), "a@example.com", 7, 91).await;
        let said = mails(&bench, None).await;
        assert_eq!(mails(&bench, None).await, said);
        assert_eq!(bench.left(bench.tenant()).await, 7);
        assert!(bench.certificates(levqor_processes::SYSTEM).await.is_empty());
        assert_eq!(bench.sweep().await.rows, said.rows);
    }
);
