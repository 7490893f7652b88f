//! What a second worker process does to the rate, with and without it in turn.

use crate::{context::Context, load, record::Record};

pub(super) async fn measure(context: &Context<'_>, record: &mut Record) -> anyhow::Result<()> {
    let mut target = context.target().await?;
    let runs = context.arguments.runs();
    load::batches(&target, "noop", runs / 10).await?;
    for round in 1..=context.arguments.rounds() {
        context.say(&format!("second worker: round {round}"));
        let one = load::batches(&target, "noop", runs).await?;
        target.add("worker").await?;
        let two = load::batches(&target, "noop", runs).await?;
        target.remove("worker").await?;
        record.push("second_worker_ratio", two / one);
    }
    Ok(())
}
