//! P1: no hot statement reads a table of runs from its begin to its end, whatever the planner has been told of it.

use std::collections::HashSet;

use levqor_store::{
    ClaimRequest, IdempotencyClaim, IntakeStore, NewEvent, NewOutbox, NewRun, NewSubscription, NewTimer,
    OutboxKind, Park, ReadStore, RunFilter, RunId, RunState, SchedulerStore, Store, Timestamp, WorkerId,
    WorkerStore, WriteFate,
    postgres::{Options, PostgresStore},
};
use sqlx::Row;

use crate::{
    p01::{close, reset_counters},
    rig::{Db, Rig, append, end, park},
};

const LOADED: u64 = 100_000;
const BATCH: usize = 200;

/// What the planner believes when it makes its plans.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Statistics {
    /// Nothing: no table was ever analysed.
    None,
    /// That the tables are empty; they were filled since.
    OfEmpty,
    /// That they are full; they were emptied since.
    OfFull,
}

/// The tables of runs; `ended` is cut into many.
const TABLES: &str =
    "'^(live|journal|inbox|timers|subscriptions|outbox|ended.*|idempotency|batches|events|usage|flow)$'";

/// Those that the statements below look into; partitions of days that have no runs are left alone.
const USED: [&str; 10] = [
    "live",
    "journal",
    "inbox",
    "timers",
    "subscriptions",
    "outbox",
    "idempotency",
    "batches",
    "usage",
    "flow",
];

/// Rows in every table, of runs that nobody claims: their priority is not read here.
async fn fill(rig: &Rig, db: &mut Db) {
    let (tenant, workflow) = (rig.tenant, rig.workflow);
    let rows = format!("generate_series(1, {LOADED}) AS g");
    db.run(format!(
        "WITH made AS (
             INSERT INTO live (id, tenant_id, workflow_id, priority, ready, created_at, input, seq, inbox)
             SELECT gen_random_uuid(), '{tenant}', '{workflow}', 2, true, 0, '', 1, 1 FROM {rows} RETURNING id
         ), j AS (INSERT INTO journal (run_id, seq, epoch, body) SELECT id, 1, 0, '' FROM made
         ), i AS (INSERT INTO inbox (run_id, n, kind, body, at) SELECT id, 1, 1, '', 0 FROM made
         ), t AS (INSERT INTO timers (run_id, epoch, seq, ord, due, body) SELECT id, 0, 0, 0, 9e15, '' FROM made
         ), s AS (INSERT INTO subscriptions (tenant_id, run_id, epoch, seq, ord, event_type)
                  SELECT '{tenant}', id, 0, 0, 0, 'other' FROM made)
         INSERT INTO outbox (due, tenant_id, run_id, epoch, seq, ord, kind, body)
         SELECT 9e15, '{tenant}', id, 0, 0, 0, 1, '' FROM made;
         INSERT INTO ended (created_at, ended_at, id, tenant_id, workflow_id, epoch, seq, inbox, state, priority, input,
                            journal)
         SELECT now_us(), now_us(), (lpad(to_hex(now_us() / 1000), 12, '0') || substr(md5(g::text), 13))::uuid,
                '{tenant}', '{workflow}', 1, 0, 0, 6, 1, '', '[]' FROM {rows};
         INSERT INTO idempotency (tenant_id, key, run_id, expires_at, request_hash)
         SELECT '{tenant}', 'filled-' || g, gen_random_uuid(), 9e15, '' FROM {rows};
         INSERT INTO batches (token, at) SELECT gen_random_uuid(), now_us() FROM {rows};
         INSERT INTO events (at, tenant_id, source, event_id, event_type, body)
         SELECT now_us(), '{tenant}', 'filled', g::text, 'other', '' FROM {rows};
         INSERT INTO usage (at, tenant_id, workflow_id, completed, faulted, cancelled, worker_us, calls, mails, earned,
                            unvalued)
         SELECT 0, '{tenant}', '{workflow}', 1, 0, 0, 0, 0, 0, 0, 1 FROM {rows};
         INSERT INTO flow (priority, arrived, ended, service_us, service_square) SELECT 2, 1, 0, 0, 0 FROM {rows}"
    ))
    .await;
}

/// Names of the tables that hold rows, partitions included.
async fn tables(db: &mut Db) -> Vec<String> {
    let names = format!(
        "SELECT relname::text FROM pg_class
         WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname ~ {TABLES}"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(names))
        .fetch_all(&mut db.0)
        .await
        .unwrap()
}

/// A statement for every table.
async fn each(db: &mut Db, statement: impl Fn(&str) -> String) {
    for table in tables(db).await {
        db.run(statement(&table)).await;
    }
}

async fn analyse(db: &mut Db) {
    each(db, |table| format!("VACUUM ANALYZE {table}")).await;
}

/// The tables as they are when the planner knows this of them. Plans that the store's connections made before are kept.
async fn arrange(rig: &Rig, db: &mut Db, term: i64, statistics: Statistics) {
    each(db, |table| {
        format!("ALTER TABLE {table} SET (autovacuum_enabled = off)")
    })
    .await;
    match statistics {
        Statistics::None => fill(rig, db).await,
        Statistics::OfEmpty => {
            analyse(db).await;
            hot(rig, &rig.store, term).await;
            fill(rig, db).await;
        }
        Statistics::OfFull => {
            fill(rig, db).await;
            analyse(db).await;
            each(db, |table| format!("DELETE FROM ONLY {table}")).await;
        }
    }
}

/// All hot statements: those of the API, of workers, of the leader, the reads of runs.
async fn hot(rig: &Rig, store: &PostgresStore, term: i64) {
    let runs = intake(rig, store).await;
    claim(rig, store, rig.worker, &runs, 0).await;
    held(rig, store, &runs).await;
    parked(rig, store, &runs, term).await;
    claim(rig, store, rig.worker, &runs, 1).await;
    let held: Vec<_> = runs.iter().map(|run| (*run, 2)).collect();
    assert_eq!(store.release(&held).await.unwrap().len(), BATCH);
    rescued(rig, store, &runs, term).await;
    claim(rig, store, rig.worker, &runs, 3).await;
    ended(rig, store, &runs, term).await;
    plain(rig, store).await;
    read(rig, store, &runs).await;
    kept(store, term).await;
}

/// Accepted with keys and callbacks; the same again; one for later.
async fn intake(rig: &Rig, store: &PostgresStore) -> Vec<RunId> {
    let new = |n: usize| NewRun {
        idempotency: Some(IdempotencyClaim {
            key: format!("{}-{n}", rig.id()),
            request_hash: [1; 32],
            keep: std::time::Duration::from_hours(1),
        }),
        callback_url: Some("https://example.com/".to_owned()),
        ..rig.new_run()
    };
    let runs: Vec<_> = (0..BATCH).map(new).collect();
    for _ in 0..2 {
        store.intake(rig.id(), &runs).await.unwrap();
    }
    let later = NewRun {
        run_at: Some(Timestamp(9_000_000_000_000_000)),
        ..rig.new_run()
    };
    store.intake(rig.id(), &[later]).await.unwrap();
    assert!(store.any_ready().await.unwrap());
    let ready = store.ready(1, None, 1_000).await.unwrap();
    assert!(ready.len() >= BATCH);
    let db = store.db();
    for priority in [1, 2] {
        db.waiting(priority, 1_000).await.unwrap();
    }
    assert!(db.any_worker().await.unwrap());
    runs.iter().map(|run| run.id).collect()
}

async fn claim(rig: &Rig, store: &PostgresStore, worker: WorkerId, runs: &[RunId], epoch: i32) {
    let request = |run: &RunId| ClaimRequest {
        run: *run,
        epoch,
        token: rig.id(),
    };
    let wanted: Vec<_> = runs.iter().map(request).collect();
    assert_eq!(store.claim(worker, &wanted).await.unwrap().len(), BATCH);
    // A hint that came twice.
    assert_eq!(store.claim(worker, &wanted).await.unwrap().len(), BATCH);
}

/// What a worker does while it holds runs: epoch 1, one journal row, one row in the inbox.
async fn held(rig: &Rig, store: &PostgresStore, runs: &[RunId]) {
    let appends: Vec<_> = runs.iter().map(|run| append(*run, 1, 0)).collect();
    // The second time it is looked up whether the rows are there.
    for _ in 0..2 {
        committed(&store.append(&appends).await.unwrap());
    }
    let deliveries: Vec<_> = runs.iter().map(|run| rig.delivery(*run)).collect();
    let token = rig.id();
    for _ in 0..2 {
        store.deliver(token, &deliveries).await.unwrap();
    }
    assert!(store.owned(rig.worker).await.unwrap().len() >= BATCH);
    let of: Vec<_> = runs.iter().map(|run| (*run, 1)).collect();
    assert_eq!(store.inbox_counts(&of).await.unwrap().len(), BATCH);
    assert_eq!(store.inbox_after(runs[0], 0).await.unwrap().len(), 1);
}

fn committed(fates: &[WriteFate]) {
    let all = fates.iter().all(|fate| *fate == WriteFate::Committed);
    assert!(all, "{fates:?}");
}

/// Parked on a timer that is due and a subscription; refused once because of the inbox; woken by an event, then by timers.
async fn parked(rig: &Rig, store: &PostgresStore, runs: &[RunId], term: i64) {
    let on = |run: &RunId| Park {
        timers: vec![NewTimer {
            due: Timestamp(1),
            body: b"{}".to_vec(),
        }],
        subscriptions: vec![NewSubscription {
            event_type: Some("paid".to_owned()),
            source: None,
        }],
        ..park(*run, 1, 1, 1)
    };
    let early: Vec<_> = runs.iter().map(|run| park(*run, 1, 1, 0)).collect();
    let refused = store.park(&early).await.unwrap();
    assert!(matches!(refused[0], WriteFate::InboxMoved(_)), "{refused:?}");
    let parks: Vec<_> = runs.iter().map(on).collect();
    committed(&store.park(&parks).await.unwrap());
    let event = NewEvent {
        tenant: rig.tenant,
        source: "shop".to_owned(),
        event_id: rig.id().to_string(),
        event_type: "paid".to_owned(),
        body: b"{}".to_vec(),
    };
    assert_eq!(store.ingest(&event).await.unwrap().matched as usize, BATCH);
    store.next_timer().await.unwrap();
    store.fire_timers(term, 1_000).await.unwrap();
    store.continue_events(term).await.unwrap();
}

/// Held by a worker that dies.
async fn rescued(rig: &Rig, store: &PostgresStore, runs: &[RunId], term: i64) {
    let other = rig.new_worker().await;
    claim(rig, store, other, runs, 2).await;
    rig.bury(term, other).await;
    let mut freed = HashSet::new();
    while freed.len() < BATCH {
        let some = store.rescue(term, 100).await.unwrap();
        assert!(!some.is_empty(), "{} runs were freed", freed.len());
        freed.extend(some.into_iter().map(|ready| ready.run));
    }
}

/// Ended with a message; once with a row of the inbox that came in between; the message leased and deleted.
async fn ended(rig: &Rig, store: &PostgresStore, runs: &[RunId], term: i64) {
    let with_message = |run: &RunId| {
        let mut end = end(*run, 4, 2, 3);
        end.outbox = vec![NewOutbox {
            kind: OutboxKind::Callback,
            target: Some("https://example.com/".to_owned()),
            body: b"{}".to_vec(),
        }];
        end
    };
    let early: Vec<_> = runs.iter().map(|run| end(*run, 4, 2, 1)).collect();
    let refused = store.end(&early).await.unwrap();
    assert!(matches!(refused[0], WriteFate::InboxMoved(_)), "{refused:?}");
    let ends: Vec<_> = runs.iter().map(with_message).collect();
    // The second time it is looked up that they have ended so.
    for _ in 0..2 {
        committed(&store.end(&ends).await.unwrap());
    }
    // A run that has ended is told nothing more.
    store.deliver(rig.id(), &[rig.delivery(runs[0])]).await.unwrap();
    let leased = store.lease_outbox(term, 1_000).await.unwrap();
    assert!(leased.len() >= BATCH, "{} messages", leased.len());
    let sent: Vec<_> = leased.iter().map(|row| row.id).collect();
    store.delete_outbox(&sent).await.unwrap();
}

/// Runs without a key or a time, which take shorter statements; half of them journal.
async fn plain(rig: &Rig, store: &PostgresStore) {
    let new: Vec<_> = (0..BATCH).map(|_| rig.new_run()).collect();
    store.intake(rig.id(), &new).await.unwrap();
    let runs: Vec<_> = new.iter().map(|run| run.id).collect();
    claim(rig, store, rig.worker, &runs, 0).await;
    let (bare, journaling) = runs.split_at(BATCH / 2);
    let appends: Vec<_> = journaling.iter().map(|run| append(*run, 1, 0)).collect();
    committed(&store.append(&appends).await.unwrap());
    let ends: Vec<_> = bare.iter().map(|run| end(*run, 1, 0, 0)).collect();
    committed(&store.end(&ends).await.unwrap());
    let ends: Vec<_> = journaling.iter().map(|run| end(*run, 1, 1, 0)).collect();
    committed(&store.end(&ends).await.unwrap());
}

async fn read(rig: &Rig, store: &PostgresStore, runs: &[RunId]) {
    assert!(store.run(rig.tenant, runs[0]).await.unwrap().is_some());
    assert!(store.journal(rig.tenant, runs[0]).await.unwrap().is_some());
    assert_eq!(store.ended_among(runs).await.unwrap().len(), BATCH);
    for states in [vec![], vec![RunState::Completed], vec![RunState::Running]] {
        let filter = RunFilter {
            states,
            ..RunFilter::default()
        };
        store.runs(rig.tenant, &filter, 50).await.unwrap();
    }
}

/// What the leader takes out: sweeps, flow, usage. The sum for budgets is not among them: it is asked for once a second
/// and is to read all of `usage` that is not booked yet.
async fn kept(store: &PostgresStore, term: i64) {
    store.sweep(term, 1_000).await.unwrap();
    let db = store.db();
    db.take_flow().await.unwrap();
    db.due_timers(Timestamp(0), Timestamp(2)).await.unwrap();
    let tx = db.begin().await.unwrap();
    tx.take_usage(1_000).await.unwrap();
    tx.commit().await.unwrap();
}

/// Sequential and index scans by table since the counters began anew.
async fn scans(db: &mut Db) -> Vec<(String, i64, i64)> {
    let scans = format!(
        "SELECT relname::text, seq_scan, coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname ~ {TABLES}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(scans))
        .fetch_all(&mut db.0)
        .await
        .unwrap();
    rows.iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect()
}

async fn no_sequential_scan(statistics: Statistics) {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    let term = rig.lead().await;
    arrange(&rig, &mut db, term, statistics).await;
    let fresh = PostgresStore::connect(&rig.url, Options::default())
        .await
        .unwrap();
    reset_counters(&mut db).await;
    // By plans that are kept, if there are any, and by plans that are made now.
    hot(&rig, &rig.store, term).await;
    hot(&rig, &fresh, term).await;
    fresh.close().await;
    close(&rig).await;
    let scans = scans(&mut db).await;
    let sequential: Vec<_> = scans
        .iter()
        .filter(|(_, sequential, _)| *sequential > 0)
        .collect();
    assert!(sequential.is_empty(), "{statistics:?}: {sequential:?}");
    for used in USED {
        let counted = scans
            .iter()
            .any(|(table, _, by_index)| table == used && *by_index > 0);
        assert!(counted, "{statistics:?}: nothing was counted of {used}");
    }
    let ended = scans.iter().filter(|(table, ..)| table.starts_with("ended"));
    assert!(
        ended.map(|(.., by_index)| by_index).sum::<i64>() > 0,
        "{statistics:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p01_hot_statements_read_by_index_tables_that_were_never_analysed() {
    no_sequential_scan(Statistics::None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p01_hot_statements_read_by_index_tables_that_were_analysed_when_empty_and_are_full() {
    no_sequential_scan(Statistics::OfEmpty).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p01_hot_statements_read_by_index_tables_that_were_analysed_when_full_and_are_empty() {
    no_sequential_scan(Statistics::OfFull).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p01_broken_a_look_by_a_column_without_index_is_counted_as_a_sequential_scan() {
    let rig = Rig::new().await;
    let mut db = rig.connection().await;
    fill(&rig, &mut db).await;
    reset_counters(&mut db).await;
    let mut other = rig.connection().await;
    other
        .number("SELECT count(*) FROM live WHERE worker IS NOT NULL")
        .await;
    other.run("SELECT pg_stat_force_next_flush()").await;
    drop(other);
    let scans = scans(&mut db).await;
    assert!(
        scans
            .iter()
            .any(|(table, sequential, _)| table == "live" && *sequential == 1),
        "{scans:?}"
    );
}
