//! P12: partitions of `ended` are made days ahead; drops make nobody wait.

use std::time::{Duration, Instant};

use levqor_migration::partitions::{self, DAYS_AHEAD, Day};
use levqor_store::{ReadStore, RunId, SchedulerStore, Store, WriteFate};
use uuid::Uuid;

use crate::rig::{Db, Rig, end};

async fn partitions_of(db: &mut Db) -> i64 {
    db.number("SELECT count(*) FROM pg_class WHERE relispartition AND relname ~ '^ended_[a-z]+_[0-9]{8}$'")
        .await
}

#[tokio::test]
async fn p12_a_run_whose_id_is_out_of_every_range_ends_all_the_same() {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    for id in [Uuid::from_u128(0x7 << 76 | 1), Uuid::from_u128(u128::MAX >> 1)] {
        let run = RunId(id);
        let new = levqor_store::NewRun {
            id: run,
            ..rig.new_run()
        };
        levqor_store::IntakeStore::intake(&*rig.store, rig.id(), &[new])
            .await
            .unwrap();
        rig.claim(run, 0).await;
        assert_eq!(rig.end(&end(run, 1, 0, 0)).await, WriteFate::Committed);
        assert_eq!(rig.store.ended_among(&[run]).await.unwrap(), [run]);
    }
    assert_eq!(db.number("SELECT count(*) FROM ended_standard_default").await, 2);
    let today = rig.running().await;
    rig.end(&end(today, 1, 0, 0)).await;
    assert_eq!(
        db.number("SELECT count(*) FROM ended_standard_default").await,
        2,
        "today has a range of its own"
    );
}

#[tokio::test]
async fn p12_broken_without_a_default_an_end_fails() {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    db.run("DROP TABLE ended_standard_default").await;
    let run = RunId(Uuid::from_u128(0x7 << 76 | 1));
    let new = levqor_store::NewRun {
        id: run,
        ..rig.new_run()
    };
    levqor_store::IntakeStore::intake(&*rig.store, rig.id(), &[new])
        .await
        .unwrap();
    rig.claim(run, 0).await;
    let error = levqor_store::WorkerStore::end(&*rig.store, &[end(run, 1, 0, 0)])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no partition"), "{error}");
}

#[tokio::test]
async fn p12_the_job_makes_the_days_ahead_that_are_missing() {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    let all = i64::from(DAYS_AHEAD) * 3;
    assert_eq!(partitions_of(&mut db).await, all, "the migration makes the first");
    let tomorrow = Day::of(rig.store.now().await.unwrap().0).next();
    let name = partitions::name("standard", tomorrow);
    db.run(format!("DROP TABLE {name}")).await;
    let term = rig.lead().await;
    for _ in 0..2 {
        rig.store.ensure_partitions(term).await.unwrap();
        assert_eq!(partitions_of(&mut db).await, all);
    }
    // It has the indexes of the others.
    let indexes = format!("SELECT count(*) FROM pg_index WHERE indrelid = '{name}'::regclass AND indisvalid");
    assert_eq!(db.number(indexes).await, 2);
}

#[tokio::test]
async fn p12_a_range_whose_runs_are_in_the_default_is_left_and_the_others_are_made() {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    let today = Day::of(rig.store.now().await.unwrap().0);
    for day in [today, today.next()] {
        db.run(format!("DROP TABLE {}", partitions::name("standard", day)))
            .await;
    }
    let run = rig.running().await;
    assert_eq!(rig.end(&end(run, 1, 0, 0)).await, WriteFate::Committed);
    rig.store.ensure_partitions(rig.lead().await).await.unwrap();
    assert_eq!(partitions_of(&mut db).await, i64::from(DAYS_AHEAD) * 3 - 1);
    assert_eq!(rig.store.ended_among(&[run]).await.unwrap(), [run]);
}

/// A partition of 40 days ago with one run, which ended `ago` days ago.
async fn old_partition(rig: &Rig, db: &mut Db, ago: i64) -> (String, Uuid) {
    let now = rig.store.now().await.unwrap().0;
    let day = Day(Day::of(now).0 - 40);
    db.run(partitions::create_day("standard", day)).await;
    let id = Uuid::from_u128(day.first_id().parse::<Uuid>().unwrap().as_u128() + 1);
    let (tenant, workflow, ended_at) = (rig.tenant, rig.workflow, now - ago * 86_400_000_000);
    db.run(format!(
        "INSERT INTO ended (id, tenant_id, workflow_id, epoch, seq, inbox, state, priority, created_at, ended_at, input,
                            journal)
         VALUES ('{id}', '{tenant}', '{workflow}', 1, 0, 0, 6, 1, 0, {ended_at}, '', '')"
    ))
    .await;
    (partitions::name("standard", day), id)
}

#[tokio::test]
async fn p12_a_partition_is_dropped_when_its_last_row_has_expired() {
    let rig = Rig::new().await;
    let (mut db, term) = (rig.connection().await, rig.lead().await);
    let (name, _) = old_partition(&rig, &mut db, 31).await;
    assert_eq!(rig.store.drop_expired_partitions(term).await.unwrap(), [name]);
    assert_eq!(
        partitions_of(&mut db).await,
        i64::from(DAYS_AHEAD) * 3,
        "the coming days stay"
    );
}

#[tokio::test]
async fn p12_a_partition_stays_while_a_row_is_not_expired_or_a_run_is_live() {
    let rig = Rig::new().await;
    let (mut db, term) = (rig.connection().await, rig.lead().await);
    let (name, id) = old_partition(&rig, &mut db, 29).await;
    assert_eq!(
        rig.store.drop_expired_partitions(term).await.unwrap(),
        Vec::<String>::new(),
        "a row of 29 days"
    );
    db.run("UPDATE ended SET ended_at = 0").await;
    let live = RunId(Uuid::from_u128(id.as_u128() + 1));
    let new = levqor_store::NewRun {
        id: live,
        ..rig.new_run()
    };
    levqor_store::IntakeStore::intake(&*rig.store, rig.id(), &[new])
        .await
        .unwrap();
    assert_eq!(
        rig.store.drop_expired_partitions(term).await.unwrap(),
        Vec::<String>::new(),
        "a live run"
    );
    db.run(format!("DELETE FROM live WHERE id = '{live}'")).await;
    assert_eq!(rig.store.drop_expired_partitions(term).await.unwrap(), [name]);
}

#[tokio::test]
async fn p12_a_drop_behind_a_reader_gives_up_soon_and_lets_inserts_pass() {
    let rig = Rig::new().await;
    let (mut db, mut reader, term) = (rig.connection().await, rig.connection().await, rig.lead().await);
    let (name, _) = old_partition(&rig, &mut db, 31).await;
    reader.run("BEGIN; SELECT count(*) FROM ended").await;
    let run = rig.running().await;
    let store = &rig.store;
    let started = Instant::now();
    let ending = end(run, 1, 0, 0);
    let (dropped, ended) = tokio::join!(store.drop_expired_partitions(term), rig.end(&ending));
    assert_eq!((dropped.unwrap(), ended), (Vec::new(), WriteFate::Committed));
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
    reader.run("COMMIT").await;
    assert_eq!(store.drop_expired_partitions(term).await.unwrap(), [name]);
}

#[tokio::test]
async fn p12_broken_a_patient_drop_behind_a_reader_stops_inserts() {
    let rig = Rig::new().await;
    let (mut db, mut reader) = (rig.connection().await, rig.connection().await);
    let (name, _) = old_partition(&rig, &mut db, 31).await;
    reader.run("BEGIN; SELECT count(*) FROM ended").await;
    let mut dropper = rig.connection().await;
    let dropping = tokio::spawn(async move { dropper.run(format!("DROP TABLE {name}")).await });
    rig.until_waiting(1).await;
    let run = rig.running().await;
    let mut writer = rig.connection().await;
    let (tenant, workflow) = (rig.tenant, rig.workflow);
    let blocked = writer
        .try_run(format!(
            "SET lock_timeout = '300ms'; INSERT INTO ended (id, tenant_id, workflow_id, epoch, seq, inbox, state, priority,
             created_at, ended_at, input, journal) VALUES ('{run}', '{tenant}', '{workflow}', 1, 0, 0, 6, 1, 0, 0, '', '')"
        ))
        .await;
    let code = blocked
        .unwrap_err()
        .as_database_error()
        .and_then(|error| error.code().map(std::borrow::Cow::into_owned));
    assert_eq!(
        code.as_deref(),
        Some("55P03"),
        "an insert waits behind a drop that waits behind a reader"
    );
    reader.run("COMMIT").await;
    dropping.await.unwrap();
}

/// A hold or a longer period of the rig's tenant.
fn insert_hold(rig: &Rig, table: &str) -> String {
    format!(
        "INSERT INTO legal_holds (id, tenant_id, table_name, authority, reason, placed_by, placed_at)
         VALUES (gen_random_uuid(), '{}', {table}, 'court', 'claim', 'operator', 0)",
        rig.tenant
    )
}

#[tokio::test]
async fn p12_a_partition_stays_while_a_legal_hold_or_a_longer_period_keeps_a_run_of_it() {
    let rig = Rig::new().await;
    let (mut db, term) = (rig.connection().await, rig.lead().await);
    let (name, _) = old_partition(&rig, &mut db, 31).await;
    let period = format!(
        "INSERT INTO retention_overrides (tenant_id, dataset, days, reason, set_by, updated_at)
         VALUES ('{}', 'ended.standard', 60, 'test', 'operator', 0)",
        rig.tenant
    );
    for (keep, release) in [
        (
            insert_hold(&rig, "NULL"),
            "UPDATE legal_holds SET released_at = 1",
        ),
        (
            insert_hold(&rig, "'ended'"),
            "UPDATE legal_holds SET released_at = 1",
        ),
        (period, "DELETE FROM retention_overrides"),
    ] {
        db.run(&keep).await;
        assert_eq!(
            rig.store.drop_expired_partitions(term).await.unwrap(),
            Vec::<String>::new(),
            "{keep}"
        );
        assert_eq!(rig.store.expire_runs(term, 10).await.unwrap(), 0, "{keep}");
        db.run(release).await;
    }
    db.run(insert_hold(&rig, "'mails'")).await;
    assert_eq!(rig.store.drop_expired_partitions(term).await.unwrap(), [name]);
}

#[tokio::test]
async fn p12_a_drop_waits_for_a_hold_that_is_being_placed_and_then_leaves_the_partition() {
    let rig = Rig::new().await;
    let (mut db, mut placing, term) = (rig.connection().await, rig.connection().await, rig.lead().await);
    let (name, _) = old_partition(&rig, &mut db, 31).await;
    placing.run("BEGIN").await;
    placing.run(insert_hold(&rig, "NULL")).await;
    // It gives up soon rather than dropping what may be held.
    assert_eq!(
        rig.store.drop_expired_partitions(term).await.unwrap(),
        Vec::<String>::new()
    );
    placing.run("COMMIT").await;
    assert_eq!(
        rig.store.drop_expired_partitions(term).await.unwrap(),
        Vec::<String>::new()
    );
    db.run("UPDATE legal_holds SET released_at = 1").await;
    assert_eq!(rig.store.drop_expired_partitions(term).await.unwrap(), [name]);
}

#[tokio::test]
async fn p12_in_a_partition_that_a_hold_keeps_the_runs_of_others_go_one_by_one() {
    let rig = Rig::new().await;
    let (mut db, term) = (rig.connection().await, rig.lead().await);
    let (_, id) = old_partition(&rig, &mut db, 31).await;
    let other = Uuid::from_u128(id.as_u128() + 1);
    db.run(format!(
        "INSERT INTO ended (id, tenant_id, workflow_id, epoch, seq, inbox, state, priority, created_at, ended_at, input, journal)
         SELECT '{other}', gen_random_uuid(), workflow_id, epoch, seq, inbox, state, priority, created_at, ended_at, input, journal
         FROM ended WHERE id = '{id}'"
    ))
    .await;
    db.run(insert_hold(&rig, "NULL")).await;
    assert_eq!(
        rig.store.drop_expired_partitions(term).await.unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(rig.store.expire_runs(term, 10).await.unwrap(), 1);
    assert_eq!(
        rig.store.ended_among(&[RunId(id), RunId(other)]).await.unwrap(),
        [RunId(id)]
    );
}

#[tokio::test]
async fn p12_a_dropped_partition_is_counted_by_tenant_and_one_that_stays_is_not() {
    let rig = Rig::new().await;
    let (mut db, term) = (rig.connection().await, rig.lead().await);
    old_partition(&rig, &mut db, 31).await;
    db.run(insert_hold(&rig, "NULL")).await;
    rig.store.drop_expired_partitions(term).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM retention_counts").await, 0);
    db.run("UPDATE legal_holds SET released_at = 1").await;
    rig.store.drop_expired_partitions(term).await.unwrap();
    let counted = format!(
        "SELECT sum(gone)::bigint FROM retention_counts WHERE tenant_id = '{}' AND dataset = 'ended.standard' AND days = 30",
        rig.tenant
    );
    assert_eq!(db.number(counted).await, 1);
}

/// A tenant's shorter period reaches into partitions that are too young to be dropped.
#[tokio::test]
async fn p12_runs_of_a_hasty_tenant_go_from_a_young_partition() {
    let rig = Rig::new().await;
    let (mut db, term) = (rig.connection().await, rig.lead().await);
    let run = rig.running().await;
    rig.end(&end(run, 1, 0, 0)).await;
    db.run("UPDATE ended SET ended_at = ended_at - 3 * 86400000000")
        .await;
    assert_eq!(rig.store.expire_runs(term, 10).await.unwrap(), 0);
    let now = rig.store.now().await.unwrap().0;
    // The day of the run's id is today: its partition is looked into once the shortest period allows any.
    let day = Day(Day::of(now).0 - 5);
    db.run(partitions::create_day("standard", day)).await;
    let old = Uuid::from_u128(day.first_id().parse::<Uuid>().unwrap().as_u128() + 1);
    db.run(format!(
        "INSERT INTO ended (id, tenant_id, workflow_id, epoch, seq, inbox, state, priority, created_at, ended_at, input, journal)
         SELECT '{old}', tenant_id, workflow_id, epoch, seq, inbox, state, priority, created_at, ended_at, input, journal FROM ended"
    ))
    .await;
    assert_eq!(
        rig.store.expire_runs(term, 10).await.unwrap(),
        0,
        "30 days are not over"
    );
    db.run(format!(
        "INSERT INTO retention_overrides (tenant_id, dataset, days, reason, set_by, updated_at)
         VALUES ('{}', 'ended.standard', 2, 'test', 'operator', 0)",
        rig.tenant
    ))
    .await;
    assert_eq!(rig.store.expire_runs(term, 10).await.unwrap(), 1);
    assert_eq!(rig.store.ended_among(&[RunId(old)]).await.unwrap(), []);
}
