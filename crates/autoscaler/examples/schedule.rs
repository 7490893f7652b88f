//! Searches the cheapest schedule of a trace, for minutes, and prints its line for the trace's file:
//! `cargo run --release -p levqor-autoscaler --example schedule -- TRACE`.

use levqor_autoscaler::{
    sim::{Effort, TICK_MS, compare},
    trace::Trace,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let trace = Trace::parse(&std::fs::read_to_string(path)?)?;
        let optimum = compare(&trace, Effort::Thorough)?.optimum.outcome;
        let mut changes: Vec<(u64, u32)> = Vec::new();
        for (tick, workers) in (0..).zip(optimum.schedule) {
            if changes.last().is_none_or(|change| change.1 != workers) {
                changes.push((tick * TICK_MS / 1_000, workers));
            }
        }
        println!("  \"schedule\": {}", serde_json::to_string(&changes)?);
    }
    Ok(())
}
