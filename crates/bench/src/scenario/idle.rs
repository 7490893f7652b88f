//! What an installation with nothing to do costs: processor time, and queries by process.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;

use crate::{
    context::{Context, Installation},
    load,
    record::Record,
    session::Session,
    target::{Servers, Target},
    usage,
};

/// Until what a load left behind is done.
const SETTLE: Duration = Duration::from_secs(20);
const LASTING: Duration = Duration::from_mins(1);
/// The kernel counts processor time in hundredths of a second: below this the figure is coarse.
const LEAST: Duration = Duration::from_secs(5);

/// Statements of each process in the notes.
const NOTED: usize = 12;

const ROLES: [&str; 3] = ["api", "worker", "scheduler"];

pub(super) async fn measure(context: &Context<'_>, record: &mut Record) -> anyhow::Result<()> {
    let (target, mut watch) = match context.installation {
        Installation::Embedded => (context.target().await?, None),
        Installation::PostgresRedis => fleet(context, record).await?,
    };
    load::batches(&target, "noop", 2_000).await?;
    let lasting = context.arguments.lasting(LASTING).max(LEAST);
    context.say(&format!("idle: {lasting:?}"));
    tokio::time::sleep(context.arguments.lasting(SETTLE).max(LEAST)).await;
    if let Some(session) = &mut watch {
        session.run("SELECT pg_stat_statements_reset()").await?;
    }
    let before: Vec<_> = target.named().map(|(_, pid)| usage::cpu(&[pid])).collect();
    tokio::time::sleep(lasting).await;
    let seconds = lasting.as_secs_f64();
    let mut all = 0.0;
    for ((role, pid), before) in target.named().zip(before) {
        let percent = 100.0 * usage::cpu(&[pid]).saturating_sub(before).as_secs_f64() / seconds;
        record.note(format!("idle: {role} takes {percent:.2} % of a core"));
        all += percent;
    }
    record.push("idle_cpu_percent", all);
    if let Some(session) = &mut watch {
        queries(session, seconds, record).await?;
    }
    Ok(())
}

/// A fleet whose roles have logins of their own, so that the server tells their queries apart.
async fn fleet(context: &Context<'_>, record: &mut Record) -> anyhow::Result<(Target, Option<Session>)> {
    let servers = Arc::new(Servers::start().await?);
    let counts = count_statements(&servers).await;
    let mut target = Target::migrated(context.host, servers).await?;
    let mut session = Session::open(&target.database).await?;
    for role in ROLES {
        let login = login(&mut session, &target.database, role).await?;
        target.add_as(role, &login).await?;
    }
    load::prepare(&target).await?;
    let extended = session
        .run("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        .await;
    match counts.and(extended) {
        Ok(()) => Ok((target, Some(session))),
        Err(error) => {
            record.note(format!(
                "idle: queries are not counted, pg_stat_statements is not there: {error:#}"
            ));
            Ok((target, None))
        }
    }
}

async fn count_statements(servers: &Servers) -> anyhow::Result<()> {
    let url = servers.postgres.url();
    let mut session = Session::open(&url).await?;
    session
        .run("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
        .await?;
    let started = servers.postgres.restart().await;
    if started.is_err() {
        // Without the library the server starts only when it is not asked for; this cluster is of no further use.
        started.context("Postgres does not start with pg_stat_statements")?;
    }
    let mut session = Session::open(&url).await?;
    session
        .run("ALTER SYSTEM SET pg_stat_statements.track_utility = off")
        .await?;
    session.run("SELECT pg_reload_conf()").await
}

/// Makes a login with all that the owner may and is set to; answers the database's address with it.
async fn login(session: &mut Session, database: &str, role: &str) -> anyhow::Result<String> {
    let copy = format!(
        "CREATE ROLE bench_{role} LOGIN SUPERUSER;
         DO $$
         DECLARE given text;
         BEGIN
             FOR given IN SELECT unnest(setconfig) FROM pg_db_role_setting
                 WHERE setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)
                   AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
             LOOP
                 EXECUTE format('ALTER ROLE bench_{role} IN DATABASE %I SET %I = %L', current_database(),
                                split_part(given, '=', 1), substr(given, strpos(given, '=') + 1));
             END LOOP;
         END $$"
    );
    session.run(copy).await?;
    Ok(database.replacen("levqor@", &format!("bench_{role}@"), 1))
}

/// Statements by login and how often they ran.
const CALLS: &str = "
SELECT r.rolname || ': ' || regexp_replace(left(s.query, 120), '\\s+', ' ', 'g'), sum(s.calls)::text
FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
WHERE r.rolname LIKE 'bench\\_%' GROUP BY r.rolname, s.query ORDER BY sum(s.calls) DESC";

/// The most frequent statements of each process.
fn noted(calls: &[(String, String)]) -> impl Iterator<Item = &(String, String)> {
    ROLES.iter().flat_map(|role| {
        let of = format!("bench_{role}:");
        calls
            .iter()
            .filter(move |(query, _)| query.starts_with(&of))
            .take(NOTED)
    })
}

async fn queries(session: &mut Session, seconds: f64, record: &mut Record) -> anyhow::Result<()> {
    let calls = session.pairs(CALLS).await?;
    // From the first call to the last: a statement once a second runs 61 times in a minute when both ends count.
    let rate = |calls: &str| (calls.parse::<f64>().unwrap_or_default() - 1.0).max(0.0) / seconds;
    record.push(
        "idle_queries_per_s",
        calls.iter().map(|(_, calls)| rate(calls)).sum(),
    );
    record.push(
        "idle_query_per_s",
        calls.first().map_or(0.0, |(_, calls)| rate(calls)),
    );
    for (query, calls) in noted(&calls) {
        record.note(format!("idle: {:.2}/s {query}", rate(calls)));
    }
    Ok(())
}
