//! The evidence report: what was checked just now, and what came out. Every line is measured; none is assumed.

mod checks;

use levqor_pdf::{Align, Block, Column, Report as Pages, Table};
use levqor_store::{StoreError, Timestamp};

use crate::{
    Kind, Period, Report, Scope,
    numbers::{count, share},
    operations::title,
    period::minute,
    render::date,
};

/// Something that was checked.
struct Check {
    /// Under which heading.
    category: &'static str,
    /// What.
    name: &'static str,
    /// Whether it is as it should be.
    passed: bool,
    /// What was seen, and for a failed one what to do.
    detail: String,
}

/// Performs the checks.
pub(crate) async fn report(scope: Scope<'_>, report: &Report, now: Timestamp) -> Result<Pages, StoreError> {
    let period = Period {
        from: report.period_from,
        to: report.period_to,
    };
    let checks = checks::all(scope, period, now).await?;
    let failed: Vec<&Check> = checks.iter().filter(|check| !check.passed).collect();
    let verdict = if failed.is_empty() {
        "PASSED"
    } else {
        "NEEDS ATTENTION"
    };
    let mut blocks = vec![
        Block::Heading("Summary".to_owned()),
        Block::Facts(vec![
            ("Overall".to_owned(), verdict.to_owned()),
            ("Checked".to_owned(), minute(now)),
        ]),
        summary(&checks),
    ];
    for category in categories(&checks) {
        blocks.push(Block::Heading(category.to_owned()));
        blocks.push(table(checks.iter().filter(|check| check.category == category)));
    }
    blocks.push(Block::Heading("Recommendations".to_owned()));
    blocks.extend(recommendations(&failed));
    Ok(Pages {
        title: title(Kind::Evidence).to_owned(),
        subtitle: format!("{}. Overall: {verdict}.", period.shown()),
        language: "en".to_owned(),
        created: date(now),
        footer: "Confidential".to_owned(),
        blocks,
    })
}

/// In order of appearance.
fn categories(checks: &[Check]) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = Vec::new();
    for check in checks {
        if !found.contains(&check.category) {
            found.push(check.category);
        }
    }
    found
}

fn summary(checks: &[Check]) -> Block {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let row = |category: &&'static str| {
        let of: Vec<&Check> = checks
            .iter()
            .filter(|check| check.category == *category)
            .collect();
        let passed = of.iter().filter(|check| check.passed).count();
        let (all, passed) = (number(of.len()), number(passed));
        vec![
            (*category).to_owned(),
            count(all),
            count(passed),
            count(all - passed),
            share(passed, all),
        ]
    };
    let column = |name: &str, weight, align| Column {
        name: name.to_owned(),
        weight,
        align,
    };
    Block::Table(Table {
        summary: "Checks by category".to_owned(),
        columns: vec![
            column("Category", 2.5, Align::Left),
            column("Checks", 1.0, Align::Right),
            column("Passed", 1.0, Align::Right),
            column("Failed", 1.0, Align::Right),
            column("Rate", 1.0, Align::Right),
        ],
        rows: categories(checks).iter().map(row).collect(),
    })
}

fn table<'a>(checks: impl Iterator<Item = &'a Check>) -> Block {
    let column = |name: &str, weight| Column {
        name: name.to_owned(),
        weight,
        align: Align::Left,
    };
    let row = |check: &Check| {
        let status = if check.passed { "passed" } else { "FAILED" };
        vec![check.name.to_owned(), status.to_owned(), check.detail.clone()]
    };
    Block::Table(Table {
        summary: "Checks with their status and details".to_owned(),
        columns: vec![
            column("Check", 2.0),
            column("Status", 0.9),
            column("Details", 3.4),
        ],
        rows: checks.map(row).collect(),
    })
}

fn recommendations(failed: &[&Check]) -> Vec<Block> {
    if failed.is_empty() {
        return vec![Block::Text("None: every check passed.".to_owned())];
    }
    failed
        .iter()
        .map(|check| Block::Text(format!("{}: {}", check.name, check.detail)))
        .collect()
}
