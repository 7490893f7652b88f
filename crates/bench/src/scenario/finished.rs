//! The same rates with ten million finished runs in the database as with none.

use super::ratio;
use crate::{context::Context, load, record::Record, seed, session::Session};

const FINISHED: usize = 10_000_000;

pub(super) async fn measure(context: &Context<'_>, record: &mut Record) -> anyhow::Result<()> {
    let (empty, full) = ratio::pair(context).await?;
    let count = context.arguments.amount(FINISHED);
    context.say(&format!("finished: making {count} rows"));
    // One real run is what the others are copies of.
    load::start_latencies(&full, 1, 1).await?;
    let mut session = Session::open(&full.database).await?;
    seed::finished(&mut session, count, |text| context.say(text)).await?;
    let size = "SELECT pg_size_pretty(pg_database_size(current_database()))";
    record.note(format!(
        "finished: {count} ended runs, a database of {}",
        session.text(size).await?
    ));
    let rows = [
        "finished_batch_ratio",
        "finished_single_ratio",
        "finished_wf3_ratio",
    ];
    ratio::compare(context, &empty, &full, rows, record).await
}
