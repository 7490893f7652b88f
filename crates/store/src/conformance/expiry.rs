//! Ended runs go when their class, or their tenant, says so, and no hold keeps them (P12). Runs of this room have ids of
//! long ago, out of every partition.

use levqor_entities::{
    ids::{HoldId, Timestamp},
    legal_holds, retention_counts, retention_overrides,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, Insert, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::bench::{Bench, end};
use super::check::{Failure, Verdict, ensure_eq};
use crate::{End, NewRun, RetentionClass, RunId, WriteFate};

super::checks![
    an_ended_run_goes_when_the_days_of_its_class_are_over,
    a_tenants_own_days_go_before_those_of_the_class,
    a_hold_on_all_or_on_runs_keeps_them_and_one_about_a_person_does_not,
    a_delete_has_a_limit,
    what_went_is_counted_by_tenant_class_and_days,
];

const DAY: i64 = 86_400_000_000;

/// A run that ended so many days ago.
async fn ended(bench: &Bench, class: RetentionClass, days: i64) -> Result<RunId, Failure> {
    // Its id says 1970: no range of days holds it.
    let id = RunId(Uuid::from_u128(bench.run_id().0.as_u128() & ((1 << 80) - 1)));
    let run = NewRun {
        id,
        ..bench.new_run()
    };
    bench.intake_one(&run).await?;
    bench.claim(id, 0).await?;
    let ending = End {
        class,
        ..end(id, 1, 0, 0)
    };
    ensure_eq!(bench.end(&ending).await?, WriteFate::Committed, "end");
    let at = bench.store.now().await?.0 - days * DAY;
    let db = bench.store.db();
    let tx = db.begin().await?;
    let literal = match tx.get_database_backend() {
        DbBackend::Postgres => format!("'{id}'"),
        _ => format!("x'{}'", id.0.simple()),
    };
    let sql = format!("UPDATE ended SET ended_at = {at} WHERE id = {literal}");
    tx.execute_unprepared(&sql)
        .await
        .map_err(|error| tx.error(error))?;
    tx.commit().await?;
    Ok(id)
}

/// Deletes until nothing is left.
async fn expire(bench: &Bench) -> Result<u64, Failure> {
    let term = bench.term().await?;
    let mut all = 0;
    loop {
        match bench.store.expire_runs(term, 100).await? {
            0 => return Ok(all),
            gone => all += gone,
        }
    }
}

async fn there(bench: &Bench, run: RunId) -> Result<bool, Failure> {
    Ok(!bench.store.ended_among(&[run]).await?.is_empty())
}

async fn an_ended_run_goes_when_the_days_of_its_class_are_over(bench: &Bench) -> Verdict {
    for class in RetentionClass::ALL {
        let days = i64::from(class.days());
        let (old, young) = (
            ended(bench, class, days + 1).await?,
            ended(bench, class, days - 1).await?,
        );
        ensure_eq!(
            (there(bench, old).await?, there(bench, young).await?),
            (true, true),
            "before {class:?}"
        );
        expire(bench).await?;
        ensure_eq!(
            (there(bench, old).await?, there(bench, young).await?),
            (false, true),
            "after {class:?}"
        );
    }
    Ok(())
}

async fn choose(bench: &Bench, class: RetentionClass, days: i64) -> Verdict {
    let row = retention_overrides::Model {
        tenant_id: bench.tenant,
        dataset: class.dataset().to_owned(),
        days,
        reason: "test".to_owned(),
        set_by: "operator".to_owned(),
        updated_at: Timestamp(0),
    };
    let db = bench.store.db();
    let tx = db.begin().await?;
    let written = Insert::one(row.into_active_model())
        .exec_without_returning(&*tx)
        .await;
    written.map_err(|error| tx.error(error))?;
    Ok(tx.commit().await?)
}

async fn a_tenants_own_days_go_before_those_of_the_class(bench: &Bench) -> Verdict {
    let other = bench.neighbour().await?;
    choose(bench, RetentionClass::Standard, 60).await?;
    choose(bench, RetentionClass::Short, 2).await?;
    let own = [
        (ended(bench, RetentionClass::Standard, 40).await?, true),
        (ended(bench, RetentionClass::Standard, 61).await?, false),
        (ended(bench, RetentionClass::Short, 3).await?, false),
        (ended(bench, RetentionClass::Short, 1).await?, true),
    ];
    let theirs = [
        (ended(&other, RetentionClass::Standard, 40).await?, false),
        (ended(&other, RetentionClass::Short, 3).await?, true),
    ];
    expire(bench).await?;
    for (at, (run, stays)) in own.into_iter().chain(theirs).enumerate() {
        ensure_eq!(there(bench, run).await?, stays, "run {at}");
    }
    Ok(())
}

async fn hold(bench: &Bench, user: bool, table: Option<&str>) -> Verdict {
    let row = legal_holds::Model {
        id: HoldId(bench.token()),
        tenant_id: bench.tenant,
        user_id: user.then(|| levqor_entities::ids::UserId(bench.token())),
        email: None,
        table_name: table.map(str::to_owned),
        authority: "test".to_owned(),
        reason: "test".to_owned(),
        placed_by: "operator".to_owned(),
        placed_at: Timestamp(0),
        released_by: None,
        released_at: None,
        release_reason: None,
    };
    let db = bench.store.db();
    let tx = db.begin().await?;
    let written = Insert::one(row.into_active_model())
        .exec_without_returning(&*tx)
        .await;
    written.map_err(|error| tx.error(error))?;
    Ok(tx.commit().await?)
}

async fn a_hold_on_all_or_on_runs_keeps_them_and_one_about_a_person_does_not(bench: &Bench) -> Verdict {
    for (user, table, stays) in [
        (false, None, true),
        (false, Some("ended"), true),
        (false, Some("mails"), false),
        (true, None, false),
    ] {
        let held = bench.neighbour().await?;
        hold(&held, user, table).await?;
        let run = ended(&held, RetentionClass::Standard, 100).await?;
        expire(bench).await?;
        ensure_eq!(
            there(bench, run).await?,
            stays,
            "a hold on {table:?}, about a person: {user}"
        );
    }
    Ok(())
}

async fn a_delete_has_a_limit(bench: &Bench) -> Verdict {
    expire(bench).await?;
    for _ in 0..5 {
        ended(bench, RetentionClass::Standard, 100).await?;
    }
    let term = bench.term().await?;
    let mut passes = Vec::new();
    for _ in 0..4 {
        passes.push(bench.store.expire_runs(term, 2).await?);
    }
    ensure_eq!(passes, [2, 2, 1, 0], "five runs by two");
    Ok(())
}

async fn what_went_is_counted_by_tenant_class_and_days(bench: &Bench) -> Verdict {
    let other = bench.neighbour().await?;
    choose(&other, RetentionClass::Short, 3).await?;
    for _ in 0..2 {
        for of in [bench, &other] {
            ended(of, RetentionClass::Standard, 100).await?;
            ended(of, RetentionClass::Short, 100).await?;
        }
        expire(bench).await?;
    }
    let db = bench.store.db();
    let by_nobody = retention_counts::of_sweep(levqor_entities::ids::SweepId(Uuid::nil()));
    let both = retention_counts::Column::TenantId.is_in([bench.tenant, other.tenant]);
    let rows = by_nobody
        .filter(both)
        .all(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let mut seen: Vec<_> = rows
        .into_iter()
        .map(|row| (row.tenant_id == other.tenant, row.dataset, row.days, row.gone))
        .collect();
    seen.sort();
    let wanted = [
        (false, "ended.short", 7, 2),
        (false, "ended.standard", 30, 2),
        (true, "ended.short", 3, 2),
        (true, "ended.standard", 30, 2),
    ];
    let wanted: Vec<_> = wanted
        .map(|(theirs, dataset, days, gone)| (theirs, dataset.to_owned(), days, gone))
        .into();
    ensure_eq!(seen, wanted, "counts");
    Ok(())
}
