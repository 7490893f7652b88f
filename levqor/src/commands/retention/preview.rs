//! `levqor retention sweep --dry-run`.

use levqor_retention::{Preview, rfc3339};
use serde_json::{Value, json};

use crate::{config::Config, wiring};

/// Prints what a sweep of now would do to the data of all tenants. Changes nothing, and reads beside a running server.
pub(super) async fn preview(config: &Config, as_json: bool) -> anyhow::Result<bool> {
    let db = wiring::read(config).await?;
    let due = levqor_retention::preview(&db, None).await?;
    if as_json {
        let datasets: Vec<Value> = due.iter().map(line).collect();
        println!("{}", json!({"dry_run": true, "datasets": datasets}));
    } else {
        due.iter().for_each(print);
    }
    Ok(true)
}

fn line(due: &Preview) -> Value {
    let expired = &due.expired;
    json!({
        "table": due.rule.stored.dataset,
        "action": due.rule.policy.action_name(),
        "days": due.rule.stored.days,
        "cutoff": rfc3339(due.cutoff),
        "rows": expired.rows,
        "held": expired.held,
        "more": expired.more,
        "oldest": expired.oldest.map(rfc3339),
        "newest": expired.newest.map(rfc3339),
        "sample": expired.sample,
    })
}

fn print(due: &Preview) {
    let (expired, table) = (&due.expired, &due.rule.stored.dataset);
    let action = due.rule.policy.action_name();
    let more = if expired.more { "at least " } else { "" };
    println!(
        "{table}: {more}{} rows to {action}, {} held",
        expired.rows, expired.held
    );
    if let (Some(oldest), Some(newest)) = (expired.oldest, expired.newest) {
        println!(
            "  from {} to {}, such as {}",
            rfc3339(oldest),
            rfc3339(newest),
            expired.sample.join(", ")
        );
    }
}
