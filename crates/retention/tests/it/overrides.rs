//! The order of periods: the rule's, then the tenant's within its bounds; for runs the document's class comes first.

use levqor_audit::Actor;
use levqor_retention::{OverrideError, choose, clear, rules};

use crate::bench::{Bench, both};

both!(
    domain_10_1_a_tenants_period_goes_before_the_rules_and_concerns_that_tenant_alone,
    async |bench: Bench| {
        choose(
            bench.platform(),
            bench.tenant(),
            "mails",
            30,
            "our policy",
            Actor::Operator,
        )
        .await
        .unwrap();
        choose(
            bench.platform(),
            bench.neighbour,
            "mails",
            200,
            "theirs",
            Actor::Operator,
        )
        .await
        .unwrap();
        for days in [20, 40, 100, 250] {
            bench.mails(bench.tenant(), "a@example.com", 1, days).await;
            bench.mails(bench.neighbour, "a@example.com", 1, days).await;
        }
        assert_eq!(bench.sweep().await.rows, 4);
        assert_eq!(
            (
                bench.left(bench.tenant()).await,
                bench.left(bench.neighbour).await
            ),
            (1, 3)
        );
        let certified = bench.certificates(bench.tenant()).await;
        let line = &certified[0].datasets[0];
        assert_eq!((line.dataset.as_str(), line.days, line.rows), ("mails", 30, 3));
    }
);

both!(
    domain_10_1_a_cleared_period_is_the_rules_again,
    async |bench: Bench| {
        let days = async || {
            let all = rules(&bench.platform().db, Some(bench.tenant())).await.unwrap();
            all.iter()
                .find(|rule| rule.policy.dataset == "mails")
                .unwrap()
                .days()
        };
        assert_eq!(days().await, 90);
        choose(
            bench.platform(),
            bench.tenant(),
            "mails",
            30,
            "a",
            Actor::Operator,
        )
        .await
        .unwrap();
        choose(
            bench.platform(),
            bench.tenant(),
            "mails",
            31,
            "b",
            Actor::Operator,
        )
        .await
        .unwrap();
        assert_eq!(days().await, 31);
        assert!(
            clear(bench.platform(), bench.tenant(), "mails", Actor::Operator)
                .await
                .unwrap()
        );
        assert!(
            !clear(bench.platform(), bench.tenant(), "mails", Actor::Operator)
                .await
                .unwrap()
        );
        assert_eq!(days().await, 90);
        let trail = levqor_entities::audit_events::secure_find(bench.tenant());
        let trail = trail.all(bench.platform().db.reader()).await.unwrap();
        let kinds: Vec<_> = trail.iter().map(|entry| entry.kind.as_str()).collect();
        assert_eq!(
            kinds,
            [
                "retention.period_chosen",
                "retention.period_chosen",
                "retention.period_cleared"
            ]
        );
    }
);

both!(
    domain_10_1_the_law_and_the_purpose_bound_what_a_tenant_can_choose,
    async |bench: Bench| {
        let try_ = async |dataset: &str, days| {
            choose(
                bench.platform(),
                bench.tenant(),
                dataset,
                days,
                "test",
                Actor::Operator,
            )
            .await
        };
        assert!(matches!(
            try_("no_such_table", 1).await,
            Err(OverrideError::Unknown(_))
        ));
        assert!(matches!(
            try_("idempotency", 1).await,
            Err(OverrideError::Fixed("idempotency"))
        ));
        let refused = try_("stripe_events", 2_000).await;
        assert!(matches!(
            refused,
            Err(OverrideError::OutOfBounds {
                least: 2_557,
                most: 3_653,
                ..
            })
        ));
        assert!(matches!(
            try_("mails", 366).await,
            Err(OverrideError::OutOfBounds { .. })
        ));
        try_("stripe_events", 2_557).await.unwrap();
        try_("ended.short", 1).await.unwrap();
    }
);
