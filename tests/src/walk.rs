//! kill -9 at every step boundary of a run.
//!
//! The server runs in slices of a millisecond. Between two slices it stands still (SIGSTOP), and its database says how
//! far the run is: a boundary is a number of journal rows, with none of the next. At the first sight of each the server
//! is killed, and started again on the same folder. It is killed too between an effect and its journal row, where a slice
//! happens to end there.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use levqor_testkit::{Process, eventually};
use serde_json::Value;
use sqlx::{SqlitePool, sqlite::SqlitePoolOptions};
use tokio::time::timeout;

use crate::{Client, DataFolder, Embedded};

/// How long the server runs between two looks.
const SLICE: Duration = Duration::from_millis(1);

/// A look that takes longer waits for a lock of the server, which stands still: SQLite would for ten seconds.
const HELD: Duration = Duration::from_millis(50);

/// The longest that a server may take from its start to the next boundary.
const PATIENCE: Duration = Duration::from_secs(40);

/// Walks in which every boundary must have been met at least once.
const WALKS: usize = 5;

/// Kills without a journal row between them: five deaths and a run is held responsible.
const DEATHS: usize = 3;

/// The waits of runs are over.
const WAITED: &str = "UPDATE timers SET due = unixepoch() * 1000000";

/// Mails that the dead had leased are free.
const RELEASED: &str = "UPDATE mails SET due = 0 WHERE state = 'queued'";

/// One process of ours, from the outside.
pub trait Scenario {
    /// Its document.
    const NAME: &'static str;
    /// What its servers are told.
    const ENVIRONMENT: &'static [(&'static str, &'static str)] = &[];
    /// How far it is, where that is not a run: a row like `Look` below, for a name and an id that it need not use.
    const LOOK: Option<&'static str> = None;
    /// What hours would change beside timers, while the run waits.
    const HOURS: &'static [&'static str] = &[];

    /// Makes what is to be there before, over the API; what `start` needs of it.
    fn prepare(&self, _client: &Client, _folder: &DataFolder) -> impl Future<Output = Result<Value>> {
        async { Ok(Value::Null) }
    }

    /// The same in the folder of the stopped server.
    fn arrange(&self, _folder: &DataFolder) -> impl Future<Output = Result<()>> {
        async { Ok(()) }
    }

    /// Starts the process as its user does; repeated by a user who got no answer. Nothing when a schedule does.
    fn start(&self, _client: &Client, _prepared: &Value) -> impl Future<Output = Result<()>> {
        async { Ok(()) }
    }

    /// Looks at the folder after a kill.
    fn inspect(&self, _folder: &DataFolder) -> Result<()> {
        Ok(())
    }

    /// Whether everything has happened, and once, in the folder of the stopped server.
    fn check(&self, folder: &DataFolder) -> impl Future<Output = Result<()>>;
}

/// Walks until every boundary was met.
pub async fn walk<S: Scenario>(scenario: &S) -> Result<()> {
    let mut met = BTreeSet::new();
    for _ in 0..WALKS {
        let last = once(scenario, &mut met)
            .await
            .with_context(|| format!("{} after kills at {met:?}", S::NAME))?;
        if (0..=last).all(|journal| met.contains(&journal)) {
            return Ok(());
        }
    }
    bail!(
        "{}: only the boundaries {met:?} were met in {WALKS} walks",
        S::NAME
    );
}

/// One walk; rows of the run's journal at its last boundary.
async fn once<S: Scenario>(scenario: &S, met: &mut BTreeSet<i64>) -> Result<i64> {
    let folder = DataFolder::new(S::ENVIRONMENT)?;
    let first = folder.start().await?;
    let prepared = scenario.prepare(&first.client, &folder).await?;
    first.process.kill().await?;
    scenario.arrange(&folder).await?;
    let mut walk = Walk {
        scenario,
        folder: &folder,
        prepared,
        known: newest(&folder, S::NAME).await?,
        asked: false,
        seen: BTreeSet::new(),
        deaths: BTreeMap::new(),
    };
    let (server, last) = loop {
        hours::<S>(&folder).await?;
        let process = Embedded::spawn(folder.path(), &folder.environment())?;
        match walk.life(&process).await.with_context(|| process.output())? {
            Some(last) => break (process, last),
            None => process.kill().await?,
        }
        scenario.inspect(&folder)?;
    };
    met.extend(
        walk.seen
            .iter()
            .filter(|mark| !mark.ended)
            .map(|mark| mark.journal),
    );
    settle(&folder).await?;
    server.kill().await?;
    if S::LOOK.is_none() {
        completed::<S>(&folder, &walk.known).await?;
    }
    scenario.check(&folder).await?;
    Ok(last)
}

/// Hours pass, where something waits for them. Else the folder is left as it was found: who opens a database to write
/// tidies up behind the dead.
async fn hours<S: Scenario>(folder: &DataFolder) -> Result<()> {
    if folder.number("SELECT count(*) FROM live WHERE state = 2").await? > 0 {
        folder.change(&[WAITED]).await?;
        folder.change(S::HOURS).await?;
    }
    if folder
        .number("SELECT count(*) FROM mails WHERE state = 'queued' AND attempts > 0")
        .await?
        > 0
    {
        folder.change(&[RELEASED]).await?;
    }
    Ok(())
}

/// The id of the newest run of a process, as hexadecimal digits; none is older than all.
async fn newest(folder: &DataFolder, name: &str) -> Result<String> {
    let sql = format!("SELECT coalesce(max(hex(r.id)), '') FROM ({RUNS}) AS r WHERE r.name = '{name}'");
    Ok(folder.texts(&sql).await?.concat())
}

/// The process ran once: once for each due time, where a schedule started it.
async fn completed<S: Scenario>(folder: &DataFolder, known: &str) -> Result<()> {
    let (name, new) = (
        S::NAME,
        format!("r.name = '{}' AND hex(r.id) > '{known}'", S::NAME),
    );
    let first = format!("SELECT state FROM ({RUNS}) AS r WHERE {new} ORDER BY id LIMIT 1");
    ensure!(
        folder.number(&first).await? == 6,
        "the run of {name} is not completed"
    );
    let twice = format!("SELECT count(*) - max(1, count(DISTINCT r.due)) FROM ({RUNS}) AS r WHERE {new}");
    folder.expect(0, &twice).await
}

/// Waits until no mail is on its way. The server runs on.
async fn settle(folder: &DataFolder) -> Result<()> {
    let empty = async || {
        folder
            .number("SELECT count(*) FROM mails WHERE state = 'queued'")
            .await
            .is_ok_and(|n| n == 0)
    };
    eventually(PATIENCE, empty).await.context("mails do not leave")
}

/// Runs of our processes.
const RUNS: &str = "
SELECT l.id, l.seq, l.state, l.due, w.name FROM live AS l JOIN workflows AS w ON w.id = l.workflow_id
WHERE w.namespace = 'levqor'
UNION ALL
SELECT e.id, e.seq, e.state, e.due, w.name FROM ended AS e JOIN workflows AS w ON w.id = e.workflow_id
WHERE w.namespace = 'levqor'";

/// How far the run is, and a number that changes with what it has done.
const LOOK: &str = "
SELECT r.seq AS journal, r.state >= 4 AS ended,
       (SELECT count(*) FROM journal WHERE run_id = r.id) AS entries,
       (SELECT coalesce(max(seq), 0) FROM journal WHERE run_id = r.id) AS newest,
       (SELECT count(*) FROM audit_events) + (SELECT count(*) FROM mails)
       + (SELECT count(*) FROM mails WHERE state = 'sent') + (SELECT count(*) FROM reports)
       + (SELECT count(*) FROM reports WHERE state = 'ready') + (SELECT count(*) FROM notion_rows)
       + (SELECT count(*) FROM retention_parts WHERE state <> 'open') + (SELECT count(*) FROM retention_certificates)
       AS effects
FROM (SELECT * FROM runs WHERE name = ?1 AND hex(id) > ?2 ORDER BY id LIMIT 1) AS r";

/// Journal rows by the run's counter, whether it has ended, journal rows there are, number of the newest, effects.
type Look = (i64, bool, i64, i64, i64);

/// Where the run was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    journal: i64,
    ended: bool,
    effects: i64,
}

struct Walk<'a, S> {
    scenario: &'a S,
    folder: &'a DataFolder,
    prepared: Value,
    known: String,
    /// Whether the user got an answer.
    asked: bool,
    seen: BTreeSet<Mark>,
    deaths: BTreeMap<i64, usize>,
}

impl<S: Scenario> Walk<'_, S> {
    /// A server's life up to a place that was not seen before: none, and it is to be killed there. Or to the end of the
    /// run, which was seen before: the rows of its journal, and the server runs on.
    async fn life(&mut self, process: &Process) -> Result<Option<i64>> {
        let options = self.folder.database().read_only(true).busy_timeout(SLICE);
        let database = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .connect_lazy_with(options);
        let (scenario, prepared, mut asked) = (self.scenario, self.prepared.clone(), self.asked);
        let user = async {
            let client = Embedded::client(process).await?;
            if !asked {
                scenario.start(&client, &prepared).await?;
                asked = true;
            }
            std::future::pending::<Result<()>>().await
        };
        let watched = tokio::select! {
            watched = timeout(PATIENCE, self.watch(process, &database)) => watched,
            failed = user => return failed.map(|()| None),
        };
        self.asked = asked;
        database.close().await;
        watched.context("the run does not go on")?
    }

    async fn watch(&mut self, process: &Process, database: &SqlitePool) -> Result<Option<i64>> {
        loop {
            ensure!(process.step(SLICE).await?, "the server has ended");
            let Some(look) = self.look(database).await? else {
                continue;
            };
            let (journal, ended, entries, newest, effects) = look;
            let gapless = ended || (entries == journal && newest == journal);
            ensure!(gapless, "{entries} rows up to {newest} of a journal of {journal}");
            let first = self.seen.insert(Mark {
                journal,
                ended,
                effects,
            });
            if ended && !first {
                process.thaw()?;
                return Ok(Some(journal));
            }
            let deaths = self.deaths.entry(journal).or_default();
            if first && *deaths < DEATHS {
                *deaths += 1;
                return Ok(None);
            }
        }
    }

    /// The run as the database has it; none before it is there. A database that the server holds at the moment, half-way
    /// through its start, is looked at after the next slice.
    async fn look(&self, database: &SqlitePool) -> Result<Option<Look>> {
        let sql = S::LOOK.map_or_else(|| format!("WITH runs AS ({RUNS}) {LOOK}"), str::to_owned);
        let found = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(S::NAME)
            .bind(&self.known);
        match timeout(HELD, found.fetch_optional(database)).await {
            Err(_) => Ok(None),
            Ok(Err(sqlx::Error::Database(error))) if error.message().contains("lock") => Ok(None),
            Ok(other) => Ok(other?),
        }
    }
}
