//! Legal holds keep what they cover, and end only by release.

use levqor_audit::Actor;
use levqor_entities::{ids::HoldId, legal_holds};
use levqor_retention::{HoldError, NewHold, holds, place, release};
use levqor_store::{TenantId, UserId};
use sea_orm::PaginatorTrait;
use uuid::Uuid;

use crate::bench::{Bench, both};

pub(crate) fn hold(user: Option<UserId>, table: Option<&str>) -> NewHold {
    NewHold {
        user,
        table: table.map(str::to_owned),
        authority: "High Court".to_owned(),
        reason: "claim 42".to_owned(),
    }
}

async fn placed(bench: &Bench, tenant: TenantId, new: NewHold) -> HoldId {
    place(bench.platform(), tenant, new, Actor::Operator)
        .await
        .unwrap()
        .id
}

both!(
    domain_10_2_a_hold_of_a_tenant_keeps_its_rows_and_no_others,
    async |bench: Bench| {
        bench.mails(bench.tenant(), "a@example.com", 3, 91).await;
        bench.mails(bench.neighbour, "a@example.com", 3, 91).await;
        placed(&bench, bench.tenant(), hold(None, None)).await;
        assert_eq!(bench.sweep().await.rows, 3);
        assert_eq!(
            (
                bench.left(bench.tenant()).await,
                bench.left(bench.neighbour).await
            ),
            (3, 0)
        );
    }
);

both!(
    domain_10_2_a_hold_about_a_person_keeps_rows_that_name_them,
    async |bench: Bench| {
        let ada = bench.person("ada@example.com").await;
        for (tenant, to) in [
            (bench.tenant(), "ada@example.com"),
            (bench.tenant(), "bob@example.com"),
            (bench.neighbour, "ada@example.com"),
        ] {
            bench.mails(tenant, to, 2, 91).await;
        }
        placed(&bench, bench.tenant(), hold(Some(ada), None)).await;
        assert_eq!(bench.sweep().await.rows, 4);
        assert_eq!(bench.left_to(bench.tenant(), "ada@example.com").await, 2);
        assert_eq!(bench.left_to(bench.tenant(), "bob@example.com").await, 0);
    }
);

both!(
    domain_10_2_a_hold_on_a_table_keeps_that_table,
    async |bench: Bench| {
        bench.mails(bench.tenant(), "a@example.com", 2, 91).await;
        let first = placed(&bench, bench.tenant(), hold(None, Some("reports"))).await;
        let key = bench.report(400).await;
        assert_eq!(bench.sweep().await.rows, 2);
        assert!(bench.platform().objects.get(&key).await.unwrap().is_some());
        release(
            bench.platform(),
            bench.tenant(),
            first,
            "settled",
            Actor::Operator,
        )
        .await
        .unwrap();
        assert_eq!(bench.sweep().await.rows, 1);
    }
);

both!(
    domain_10_2_a_hold_does_not_run_out_and_a_released_one_holds_nothing,
    async |bench: Bench| {
        bench.mails(bench.tenant(), "a@example.com", 2, 91).await;
        let id = placed(&bench, bench.tenant(), hold(None, Some("mails"))).await;
        bench
            .test
            .clock
            .advance(std::time::Duration::from_hours(24 * 4_000));
        bench.sweep().await;
        assert_eq!(bench.left(bench.tenant()).await, 2);
        let released = release(bench.platform(), bench.tenant(), id, "settled", Actor::Operator)
            .await
            .unwrap();
        assert_eq!(released.unwrap().release_reason.as_deref(), Some("settled"));
        let again = release(bench.platform(), bench.tenant(), id, "again", Actor::Operator)
            .await
            .unwrap();
        assert_eq!(
            again.unwrap().release_reason.as_deref(),
            Some("settled"),
            "a release stays as it was"
        );
        bench.sweep().await;
        assert_eq!(bench.left(bench.tenant()).await, 0);
    }
);

both!(
    domain_10_2_held_rows_in_front_do_not_stop_a_sweep,
    async |bench: Bench| {
        let many = levqor_retention::BATCH + 20;
        bench
            .mails(bench.tenant(), "a@example.com", many.into(), 200)
            .await;
        bench
            .mails(bench.neighbour, "b@example.com", many.into(), 100)
            .await;
        placed(&bench, bench.tenant(), hold(None, None)).await;
        assert_eq!(bench.sweep().await.rows, i64::from(many));
        assert_eq!(bench.left(bench.tenant()).await, u64::from(many));
    }
);

both!(
    a_hold_is_its_tenants_alone_and_names_what_there_is,
    async |bench: Bench| {
        let id = placed(&bench, bench.tenant(), hold(None, None)).await;
        let none = release(bench.platform(), bench.neighbour, id, "mine", Actor::Operator)
            .await
            .unwrap();
        assert_eq!(none, None);
        let db = &bench.platform().db;
        assert_eq!(holds(db, bench.neighbour, true, None, 10).await.unwrap(), []);
        let stranger = UserId(Uuid::from_u128(1));
        let refused = place(
            bench.platform(),
            bench.tenant(),
            hold(Some(stranger), None),
            Actor::Operator,
        )
        .await;
        assert!(matches!(refused, Err(HoldError::UnknownUser(user)) if user == stranger));
        for table in ["no_such_table", "retention_policies"] {
            let refused = place(
                bench.platform(),
                bench.tenant(),
                hold(None, Some(table)),
                Actor::Operator,
            )
            .await;
            assert!(matches!(refused, Err(HoldError::UnknownTable(name)) if name == table));
        }
        let ada = bench.person("ada@example.com").await;
        let refused = place(
            bench.platform(),
            bench.neighbour,
            hold(Some(ada), None),
            Actor::Operator,
        )
        .await;
        assert!(
            matches!(refused, Err(HoldError::UnknownUser(_))),
            "a person of another tenant"
        );
    }
);

both!(
    an_erasure_finds_the_holds_that_cover_a_person,
    async |bench: Bench| {
        let db = &bench.platform().db;
        let (ada, bob) = (
            bench.person("ada@example.com").await,
            bench.person("bob@example.com").await,
        );
        let covering = async |user| {
            legal_holds::covering(bench.tenant(), user)
                .count(db.reader())
                .await
                .unwrap()
        };
        placed(&bench, bench.tenant(), hold(Some(ada), Some("mails"))).await;
        assert_eq!((covering(ada).await, covering(bob).await), (1, 0));
        let all = placed(&bench, bench.tenant(), hold(None, None)).await;
        assert_eq!((covering(ada).await, covering(bob).await), (2, 1));
        release(bench.platform(), bench.tenant(), all, "settled", Actor::Operator)
            .await
            .unwrap();
        assert_eq!(covering(bob).await, 0);
    }
);

both!(
    holds_are_listed_newest_first_page_by_page_and_each_step_is_in_the_audit_trail,
    async |bench: Bench| {
        let db = &bench.platform().db;
        let ids = [
            placed(&bench, bench.tenant(), hold(None, None)).await,
            placed(&bench, bench.tenant(), hold(None, Some("mails"))).await,
        ];
        release(
            bench.platform(),
            bench.tenant(),
            ids[0],
            "settled",
            Actor::Operator,
        )
        .await
        .unwrap();
        let listed = async |all, before| {
            let page = holds(db, bench.tenant(), all, before, 1).await.unwrap();
            page.into_iter().map(|hold| hold.id).collect::<Vec<_>>()
        };
        assert_eq!(listed(true, None).await, [ids[1]]);
        assert_eq!(listed(true, Some(ids[1])).await, [ids[0]]);
        assert_eq!(listed(false, Some(ids[1])).await, []);
        let trail = levqor_entities::audit_events::secure_find(bench.tenant())
            .all(db.reader())
            .await
            .unwrap();
        let kinds: Vec<_> = trail.iter().map(|entry| entry.kind.as_str()).collect();
        assert_eq!(
            kinds,
            [
                "retention.hold_placed",
                "retention.hold_placed",
                "retention.hold_released"
            ]
        );
    }
);
