//! `levqor autoscaler simulate`: rules on traces, as a table and a plot or as JSON.

#![expect(
    clippy::cast_precision_loss,
    reason = "figures for people: costs far below 2^53"
)]

use std::{fs, path::Path};

use anyhow::Context;
use levqor_autoscaler::{
    sim::{Comparison, Contender, Cost, Effort, compare},
    trace::{BUILTIN, Trace},
};
use serde_json::{Map, Value, json};

use super::{SimulateArgs, plot};

/// Plays and prints.
pub(super) fn simulate(arguments: &SimulateArgs) -> anyhow::Result<()> {
    let effort = if arguments.search {
        Effort::Thorough
    } else {
        Effort::Quick
    };
    let mut costs = Map::new();
    for trace in traces(arguments)? {
        let comparison = compare(&trace, effort).with_context(|| format!("trace {}", trace.name))?;
        if arguments.json {
            let before = costs.insert(trace.name.clone(), as_json(&comparison));
            anyhow::ensure!(before.is_none(), "two traces are named {}", trace.name);
        } else {
            print(&trace, &comparison);
        }
    }
    if arguments.json {
        println!("{}", serde_json::to_string(&costs)?);
    }
    Ok(())
}

/// The traces that are asked for; all are read before the first is played.
fn traces(arguments: &SimulateArgs) -> anyhow::Result<Vec<Trace>> {
    if arguments.traces.is_empty() {
        let builtin = BUILTIN.iter().map(|builtin| Trace::parse(builtin.text));
        return Ok(builtin.collect::<Result<_, _>>()?);
    }
    arguments.traces.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> anyhow::Result<Trace> {
    let name = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("{name} cannot be read"))?;
    Trace::parse(&text).with_context(|| format!("{name} is not a trace"))
}

fn as_json(comparison: &Comparison) -> Value {
    let cost = |contender: &Contender| minor(contender.outcome.cost.total());
    json!({
        "profit": cost(&comparison.profit),
        "backlog": cost(&comparison.backlog),
        "cpu": cost(&comparison.cpu),
        "optimum": cost(&comparison.optimum),
    })
}

/// Minor units of an amount.
fn minor(micros: i64) -> f64 {
    micros as f64 / 1e6
}

fn print(trace: &Trace, comparison: &Comparison) {
    println!(
        "{}: {}\n",
        trace.name,
        trace.about.first().map_or("", String::as_str)
    );
    println!(
        "  {:<18}{:<28}{:>9}{:>9}{:>9}{:>9}{:>7}{:>9}",
        "rule", "", "cost", "workers", "delay", "lost", "late", "profit/"
    );
    let profit = minor(comparison.profit.outcome.cost.total());
    for (name, contender) in rows(comparison) {
        let Cost { workers, delay, lost } = contender.outcome.cost;
        let total = minor(contender.outcome.cost.total());
        println!(
            "  {name:<18}{:<28}{total:>9.2}{:>9.2}{:>9.2}{:>9.2}{:>7}{:>9.3}",
            contender.label,
            minor(workers),
            minor(delay),
            minor(lost),
            contender.outcome.late,
            profit / total
        );
    }
    println!();
    plot::print(&rows(comparison));
    println!();
}

/// Rules in the order in which they are shown.
fn rows(comparison: &Comparison) -> [(&'static str, &Contender); 5] {
    [
        ("profit", &comparison.profit),
        ("backlog", &comparison.backlog),
        ("backlog by class", &comparison.backlog_by_class),
        ("cpu", &comparison.cpu),
        ("optimum", &comparison.optimum),
    ]
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn failure(text: &str) -> String {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        format!("{:#}", read(file.path()).unwrap_err())
    }

    #[test]
    fn a_bad_trace_is_refused_with_its_line() {
        let good = BUILTIN[0].text;
        assert!(failure("{\n  \"name\": 3 }").contains("line 2"));
        let unknown = failure(&good.replacen("\"seed\"", "\"sead\"", 1));
        assert!(unknown.contains("sead") && unknown.contains("line "), "{unknown}");
        let bad = failure(&good.replacen("\"slots\": 4", "\"slots\": 0", 1));
        assert!(
            bad.contains("/fleet/slots must be") && bad.contains("line "),
            "{bad}"
        );
    }

    #[test]
    fn costs_are_numbers_by_trace_and_rule() {
        let text = r#"{"name": "short", "about": [], "seed": 1, "duration_s": 600, "worker_micros_per_hour": 8000000,
            "fleet": {"slots": 2, "startup_s": 30, "min": 1, "max": 4, "initial": 1},
            "classes": [{"name": "a", "service": {"mean_s": 5, "scv": 1}, "delay_micros_per_s": 2000,
                "margin_micros": 0, "patience_s": 60}],
            "sources": [{"kind": "stream", "class": "a", "rate": [[0, 0.2]]}]}"#;
        let trace = Trace::parse(text).unwrap();
        let costs = as_json(&compare(&trace, Effort::Quick).unwrap());
        for rule in ["profit", "backlog", "cpu", "optimum"] {
            assert!(costs[rule].as_f64().is_some_and(|cost| cost > 0.0), "{costs}");
        }
    }
}
