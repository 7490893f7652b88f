//! A report for people.

use std::fmt::{self, Write};

use super::Report;
use crate::checkers::{Standing, Verdict};

/// A few lines each for the verdicts, the faults and the figures; ends with a line end.
///
/// # Errors
/// Never: a text takes all that is written to it.
pub fn table(report: &Report) -> Result<String, fmt::Error> {
    let mut text = String::new();
    verdicts(&mut text, report)?;
    faults(&mut text, report)?;
    let figures: Vec<String> = report
        .figures
        .iter()
        .map(|(name, figure)| format!("{figure} {name}"))
        .collect();
    writeln!(text, "\n{}", figures.join(", "))?;
    for what in &report.unchecked {
        writeln!(text, "not checked: {what}")?;
    }
    for exit in &report.exits {
        writeln!(text, "a process ended by itself: {exit}")?;
    }
    let Report { seed, duration_s, .. } = report;
    let holds = if report.holds {
        "every verdict holds"
    } else {
        "VIOLATED"
    };
    writeln!(
        text,
        "\n{holds}: {} for {duration_s} s, seed {seed}",
        report.target
    )?;
    Ok(text)
}

fn verdicts(text: &mut String, report: &Report) -> fmt::Result {
    writeln!(text, "{:<14}{:<11}{:>9}  figures", "check", "verdict", "checked")?;
    for verdict in &report.verdicts {
        let standing = match verdict.standing {
            Standing::Held => "holds",
            Standing::Violated => "VIOLATED",
            Standing::Unchecked => "unchecked",
        };
        let (check, checked) = (&verdict.check, verdict.checked);
        writeln!(
            text,
            "{check:<14}{standing:<11}{checked:>9}  {}",
            figures(verdict)
        )?;
        for example in &verdict.counterexamples {
            writeln!(text, "    {} {}: {}", example.bug, example.subject, example.what)?;
        }
        let more = verdict
            .violations
            .saturating_sub(verdict.counterexamples.len() as u64);
        if more > 0 {
            writeln!(text, "    and {more} more")?;
        }
    }
    Ok(())
}

fn figures(verdict: &Verdict) -> String {
    let figures: Vec<String> = verdict
        .figures
        .iter()
        .map(|(name, figure)| format!("{name} {figure}"))
        .collect();
    figures.join(", ")
}

fn faults(text: &mut String, report: &Report) -> fmt::Result {
    let kinds = report.kinds();
    let played: Vec<String> = kinds
        .iter()
        .filter(|(_, (times, _))| *times > 0)
        .map(|(kind, (times, _))| format!("{kind} {times}"))
        .collect();
    writeln!(text, "\nfaults played: {}", or_none(&played))?;
    for (kind, (_, reason)) in kinds.iter().filter(|(_, (times, _))| *times == 0) {
        writeln!(
            text,
            "skipped {kind}: {}",
            reason.unwrap_or("no reason was given")
        )?;
    }
    if !report.impossible.is_empty() {
        writeln!(text, "not possible here: {}", report.impossible.join(", "))?;
    }
    Ok(())
}

fn or_none(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
