//! What a run costs the database, from the write-ahead log itself: counters of the statistics views come late and are
//! rounded by when each session reports.

use crate::{context::Context, load, record::Record, session::Session, target::Target};

/// Keeps the log from being recycled while it is read; gone with the session.
const KEEP: &str = "SELECT pg_create_physical_replication_slot('bench', true, true)";

const POSITION: &str = "SELECT pg_current_wal_flush_lsn()::text";

pub(super) async fn measure(context: &Context<'_>, record: &mut Record) -> anyhow::Result<()> {
    let target = context.target().await?;
    let runs = context.arguments.runs();
    load::batches(&target, "noop", runs / 10).await?;
    let mut session = Session::open(&target.database).await?;
    if let Err(error) = session.run("CREATE EXTENSION IF NOT EXISTS pg_walinspect").await {
        record.note(format!(
            "cost: not measured, pg_walinspect is not there: {error:#}"
        ));
        return Ok(());
    }
    for round in 1..=context.arguments.rounds() {
        context.say(&format!("cost: round {round}"));
        session.text(KEEP).await?;
        one(&target, &mut session, runs, record).await?;
        session.text("SELECT pg_drop_replication_slot('bench')").await?;
    }
    Ok(())
}

async fn one(target: &Target, session: &mut Session, runs: usize, record: &mut Record) -> anyhow::Result<()> {
    let from = session.text(POSITION).await?;
    load::batches(target, "noop", runs).await?;
    let to = session.text(POSITION).await?;
    let bytes = session
        .number(format!("SELECT pg_wal_lsn_diff('{to}', '{from}')"))
        .await?;
    let kinds = format!(
        "SELECT \"resource_manager/record_type\", count::text FROM pg_get_wal_stats('{from}', '{to}', true)
         WHERE count > 0"
    );
    let kinds = session.pairs(kinds).await?;
    let runs = runs as f64;
    record.push("wal_bytes_per_run", bytes / runs);
    record.push("commits_per_run", count(&kinds, &["Transaction/COMMIT"]) / runs);
    let hot = count(&kinds, &["Heap/HOT_UPDATE"]);
    let others = count(&kinds, &["Heap/UPDATE", "Heap/DELETE"]);
    record.push("dead_tuples_per_run", (hot + others) / runs);
    record.push("dead_not_hot_per_run", others / runs);
    Ok(())
}

/// Records of these kinds; `+INIT` says only that the page was new.
fn count(kinds: &[(String, String)], wanted: &[&str]) -> f64 {
    let of = |kind: &str| wanted.contains(&kind.trim_end_matches("+INIT"));
    let counts = kinds.iter().filter(|(kind, _)| of(kind));
    counts.filter_map(|(_, count)| count.parse::<f64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_counted_by_kind() {
        let kinds = [
            ("Heap/UPDATE", "3"),
            ("Heap/UPDATE+INIT", "1"),
            ("Heap/HOT_UPDATE", "9"),
        ];
        let kinds = kinds.map(|(kind, count)| (kind.to_owned(), count.to_owned()));
        assert!((count(&kinds, &["Heap/UPDATE"]) - 4.0).abs() < f64::EPSILON);
    }
}
