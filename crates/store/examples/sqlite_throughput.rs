//! How many runs a second the embedded store takes through intake, claim and end, in batches of 500, with every
//! commit on the disk: `cargo run --release -p levqor-store --example sqlite_throughput [RUNS] [FOLDER]`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use levqor_store::{
    ClaimRequest, Clock, End, EndState, IntakeStore, NewRun, RetentionClass, RunId, SqliteOptions,
    SqliteStore, TenantId, Timestamp, WorkerId, WorkerStore, WorkflowId, WriteFate,
};
use uuid::Uuid;

const BATCH: usize = 500;
/// Batches that are under way at once.
const LANES: usize = 2;

type Failure = Box<dyn std::error::Error + Send + Sync>;

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "an example is where time enters")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Time spent in each of the three calls.
#[derive(Default)]
struct Spent([Duration; 3]);

/// UUIDv7-shaped ids that ascend over all lanes.
fn id(n: usize) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_u128 << 80 | 0x7 << 76 | 0x2 << 62 | n as u128)
}

fn runs(first: usize) -> Vec<NewRun> {
    let run = |n| NewRun {
        id: RunId(id(n)),
        tenant: TenantId(Uuid::nil()),
        workflow: WorkflowId(Uuid::nil()),
        priority: 1,
        run_at: None,
        input: br#"{"customer":"c-1029","amount":1250,"currency":"EUR"}"#.to_vec(),
        callback_url: None,
        idempotency: None,
        key: None,
        trace: None,
    };
    (first..first + BATCH).map(run).collect()
}

fn end(run: RunId) -> End {
    End {
        run,
        epoch: 1,
        seq: 0,
        inbox: 0,
        state: EndState::Completed,
        class: RetentionClass::Standard,
        output: Some(br#"{"ok":true}"#.to_vec()),
        error: None,
        journal: br#"[{"path":"/do/0","output":{"ok":true}}]"#.to_vec(),
        outbox: vec![],
        usage: levqor_store::Usage::default(),
    }
}

/// One batch from its acceptance to its end.
async fn batch(store: &SqliteStore, first: usize, spent: &mut Spent) -> Result<(), Failure> {
    let runs = runs(first);
    let start = Instant::now();
    store.intake(id(first + 1_000_000_000), &runs).await?;
    spent.0[0] += start.elapsed();
    let wanted: Vec<_> = runs
        .iter()
        .map(|run| ClaimRequest {
            run: run.id,
            epoch: 0,
            token: run.id.0,
        })
        .collect();
    let start = Instant::now();
    let claimed = store.claim(WorkerId(Uuid::nil()), &wanted).await?;
    spent.0[1] += start.elapsed();
    let ends: Vec<_> = claimed.iter().map(|run| end(run.id)).collect();
    let start = Instant::now();
    let fates = store.end(&ends).await?;
    spent.0[2] += start.elapsed();
    let ended = fates.iter().filter(|fate| **fate == WriteFate::Committed).count();
    if ended == BATCH {
        Ok(())
    } else {
        Err(format!("{ended} of {BATCH} runs ended").into())
    }
}

async fn lane(store: Arc<SqliteStore>, lane: usize, batches: usize) -> Result<Spent, Failure> {
    let mut spent = Spent::default();
    for n in 0..batches {
        batch(&store, (n * LANES + lane) * BATCH, &mut spent).await?;
    }
    Ok(spent)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().map_or(Ok(200_000), |count| count.parse())?;
    let parent = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(parent)?;
    let store = SqliteStore::open(folder.path(), Arc::new(SystemClock), SqliteOptions::default()).await?;
    store.migrate().await?;
    let store = Arc::new(store);
    let batches = count / BATCH / LANES;
    let start = Instant::now();
    let lanes: Vec<_> = (0..LANES)
        .map(|n| tokio::spawn(lane(Arc::clone(&store), n, batches)))
        .collect();
    let mut calls = [Duration::ZERO; 3];
    for task in lanes {
        let spent = task.await??;
        calls
            .iter_mut()
            .zip(spent.0)
            .for_each(|(total, one)| *total += one);
    }
    let took = start.elapsed();
    let done = batches * LANES * BATCH;
    println!(
        "{done} runs in {took:.2?}: {:.0} runs/s",
        f64::from(u32::try_from(done)?) / took.as_secs_f64()
    );
    for (call, total) in ["intake", "claim", "end"].iter().zip(calls) {
        println!(
            "  {call}: {:.2?} a batch of {BATCH}",
            total / u32::try_from(batches * LANES)?
        );
    }
    store.close().await;
    Ok(())
}
