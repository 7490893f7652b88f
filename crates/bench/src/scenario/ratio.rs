//! Two installations on the same servers, one as new and one with something in it: the same loads in turn.

use std::sync::Arc;

use crate::{
    context::Context,
    load,
    record::Record,
    target::{Servers, Target},
};

/// Rows of the three loads: batches, single requests, three steps.
pub(super) type Rows = [&'static str; 3];

/// Two fleets on one Postgres and one Redis.
pub(super) async fn pair(context: &Context<'_>) -> anyhow::Result<(Target, Target)> {
    let servers = Arc::new(Servers::start().await?);
    let empty = Target::fleet(context.host, Arc::clone(&servers)).await?;
    Ok((empty, Target::fleet(context.host, servers).await?))
}

/// What share of the empty one's rate the full one reaches, by round.
pub(super) async fn compare(
    context: &Context<'_>,
    empty: &Target,
    full: &Target,
    rows: Rows,
    record: &mut Record,
) -> anyhow::Result<()> {
    let runs = context.arguments.runs();
    for target in [empty, full] {
        load::batches(target, "noop", runs / 10).await?;
    }
    for round in 1..=context.arguments.rounds() {
        context.say(&format!("with and without: round {round}"));
        for (load, row) in rows.into_iter().enumerate() {
            let mut rates = [0.0; 2];
            // Who is first changes, so that neither always meets what the other left to write.
            let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
            for place in order {
                rates[place] = rate([empty, full][place], load, runs).await?;
            }
            record.push(row, rates[1] / rates[0]);
        }
    }
    Ok(())
}

async fn rate(target: &Target, load: usize, runs: usize) -> anyhow::Result<f64> {
    match load {
        0 => load::batches(target, "noop", runs).await,
        1 => load::singles(target, runs / 2).await,
        _ => load::batches(target, "three", runs / 2).await,
    }
}
