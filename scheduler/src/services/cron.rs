//! Schedules: apalis-cron wakes us every second, the database decides which ticks are due and starts each once.

use std::{str::FromStr, sync::Arc, time::Duration};

use apalis::prelude::*;
use apalis_cron::CronScheduler;
use levqor_processes::SYSTEM;
use levqor_store::{NewRun, Ready, RunId, ScheduleRow, StoreError, Timestamp};
use levqor_workflow::{model::Schedule, schedule};
use sha2::{Digest, Sha256};

use crate::{context::Context, stats::SchedulerStats};

/// When to look: at every full second.
const EVERY_SECOND: &str = "* * * * * *";

/// Schedules handled in one reading.
const BATCH: u16 = 500;

/// Ticks missed while nobody led are made up for this long; older ones are skipped.
const CATCH_UP: Duration = Duration::from_mins(10);

/// Most runs one schedule starts in one commit.
const TICKS_AT_ONCE: usize = 100;

/// Runs until the term is over. The Monitor restarts the apalis worker: a late poll ends it by design.
pub(crate) async fn run(context: Arc<Context>) {
    let Ok(every_second) = cron::Schedule::from_str(EVERY_SECOND) else {
        tracing::error!("the wake-up expression does not parse");
        return;
    };
    let data = context.clone();
    let monitor = Monitor::new()
        .register(move |restarts| {
            WorkerBuilder::new(format!("levqor-cron-{}-{restarts}", data.term))
                .backend(CronScheduler::new(every_second.clone()))
                .data(data.clone())
                .build(look)
        })
        .should_restart(|_, _| true);
    let stop = context.stop.clone();
    let signal = async move {
        stop.cancelled().await;
        Ok(())
    };
    if let Err(error) = monitor.run_with_signal(signal).await {
        tracing::warn!(%error, "cron wake-up ended");
    }
}

/// Starts what is due. Errors are logged: the next second looks again.
async fn look(_: apalis_cron::Tick, context: Data<Arc<Context>>) {
    match start_due(&context).await {
        Ok(()) => {}
        Err(StoreError::NotLeader(_)) => context.stop.cancel(),
        Err(error) => tracing::warn!(%error, "schedules not looked at"),
    }
}

async fn start_due(context: &Context) -> Result<(), StoreError> {
    loop {
        let (now, due) = context.store.due_schedules(BATCH.into()).await?;
        for row in &due {
            match start(context, row, now).await {
                // One schedule that cannot be stored must not hold up the others; it is tried again next second.
                Err(error @ (StoreError::Data(_) | StoreError::Corrupt(_))) => {
                    tracing::error!(schedule = row.id, %error, "a tick cannot be started");
                }
                other => other?,
            }
        }
        if due.len() < usize::from(BATCH) {
            return Ok(());
        }
    }
}

/// Commits the ticks of one schedule up to `now` and its next due time.
async fn start(context: &Context, row: &ScheduleRow, now: Timestamp) -> Result<(), StoreError> {
    let mut plan = plan(row, now);
    skip_suspended(context, row, &mut plan).await?;
    let runs: Vec<NewRun> = plan.ticks.iter().map(|tick| new_run(row, *tick)).collect();
    if !context
        .store
        .tick(context.term, row.id, row.next_due, plan.next, &runs)
        .await?
    {
        return Ok(());
    }
    SchedulerStats::add(&context.stats.ticks, runs.len());
    for tick in &plan.ticks {
        context.observer.ticked(now.since(*tick));
    }
    let ready: Vec<Ready> = runs
        .iter()
        .map(|r| Ready {
            run: r.id,
            epoch: 0,
            priority: r.priority,
        })
        .collect();
    context.ring(&ready).await;
    Ok(())
}

/// While a tenant's bill has it suspended its schedules go on without starting anything; what was skipped is not made
/// up for. Our own processes are nobody's bill.
async fn skip_suspended(context: &Context, row: &ScheduleRow, plan: &mut Plan) -> Result<(), StoreError> {
    if plan.ticks.is_empty() || row.tenant == SYSTEM {
        return Ok(());
    }
    if levqor_billing::suspended(&context.store.db(), row.tenant).await? {
        let (tenant, ticks) = (row.tenant, plan.ticks.len());
        tracing::warn!(schedule = row.id, %tenant, ticks, "skipped: the tenant is suspended until its bill is settled");
        plan.ticks.clear();
    }
    Ok(())
}

/// Which ticks to start now, and when to look again.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    ticks: Vec<Timestamp>,
    next: Option<Timestamp>,
}

fn plan(row: &ScheduleRow, now: Timestamp) -> Plan {
    let Ok(spec) = serde_json::from_str::<Schedule>(&row.spec) else {
        tracing::error!(schedule = row.id, "schedule cannot be read; it is switched off");
        return Plan {
            ticks: Vec::new(),
            next: None,
        };
    };
    let oldest = Timestamp(
        now.0
            .saturating_sub(i64::try_from(CATCH_UP.as_micros()).unwrap_or(i64::MAX)),
    );
    let mut at = row.next_due;
    if at < oldest {
        tracing::warn!(
            schedule = row.id,
            due = at.0,
            "ticks older than the catch-up window are skipped"
        );
        at = match schedule::next(&spec, oldest.0) {
            Some(next) => Timestamp(next),
            None => {
                return Plan {
                    ticks: Vec::new(),
                    next: None,
                };
            }
        };
    }
    let mut ticks = Vec::new();
    while at <= now && ticks.len() < TICKS_AT_ONCE {
        ticks.push(at);
        match schedule::next(&spec, at.0) {
            Some(next) => at = Timestamp(next),
            None => return Plan { ticks, next: None },
        }
    }
    Plan {
        ticks,
        next: Some(at),
    }
}

fn new_run(row: &ScheduleRow, tick: Timestamp) -> NewRun {
    NewRun {
        id: tick_id(row.id, tick),
        tenant: row.tenant,
        workflow: row.workflow,
        priority: 1,
        run_at: Some(tick),
        input: b"{}".to_vec(),
        callback_url: None,
        idempotency: None,
        key: None,
        trace: None,
    }
}

/// The id of the run of one tick: its time and a hash of schedule and time, so a tick has one id for ever.
fn tick_id(schedule: i64, tick: Timestamp) -> RunId {
    let mut hash = Sha256::new();
    hash.update(schedule.to_be_bytes());
    hash.update(tick.0.to_be_bytes());
    let digest = hash.finalize();
    let mut random = [0_u8; 10];
    random.copy_from_slice(&digest[..10]);
    let millis = u64::try_from(tick.0 / 1_000).unwrap_or(0);
    RunId(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

#[cfg(test)]
mod tests {
    use levqor_store::{TenantId, WorkflowId};

    use uuid::Uuid;

    use super::*;

    const SECOND: i64 = 1_000_000;

    fn row(spec: &str, next_due: i64) -> ScheduleRow {
        ScheduleRow {
            id: 7,
            tenant: TenantId(Uuid::nil()),
            workflow_name: "test/tick".to_owned(),
            workflow: WorkflowId(Uuid::nil()),
            spec: spec.to_owned(),
            next_due: Timestamp(next_due),
        }
    }

    #[test]
    fn every_missed_tick_inside_the_window_is_started_once() {
        let plan = plan(
            &row(r#"{"cron":"* * * * * *"}"#, 100 * SECOND),
            Timestamp(103 * SECOND + 5),
        );
        let expected: Vec<_> = (100..=103).map(|s| Timestamp(s * SECOND)).collect();
        assert_eq!(
            plan,
            Plan {
                ticks: expected,
                next: Some(Timestamp(104 * SECOND))
            }
        );
    }

    #[test]
    fn ticks_older_than_the_window_are_skipped() {
        let now = 10_000 * SECOND;
        let plan = plan(&row(r#"{"cron":"* * * * *"}"#, 60 * SECOND), Timestamp(now));
        assert!(
            plan.ticks.iter().all(|t| t.0 > now - 601 * SECOND),
            "{:?}",
            plan.ticks
        );
        assert_eq!(plan.ticks.len(), 10);
    }

    #[test]
    fn a_schedule_that_cannot_be_read_starts_nothing_and_stops() {
        let plan = plan(&row("?", 0), Timestamp(SECOND));
        assert_eq!(
            plan,
            Plan {
                ticks: Vec::new(),
                next: None
            }
        );
    }

    #[test]
    fn a_tick_has_one_id_and_other_ticks_have_others() {
        assert_eq!(tick_id(1, Timestamp(5)), tick_id(1, Timestamp(5)));
        assert_ne!(tick_id(1, Timestamp(5)), tick_id(2, Timestamp(5)));
        assert_ne!(tick_id(1, Timestamp(5)), tick_id(1, Timestamp(6)));
    }
}
