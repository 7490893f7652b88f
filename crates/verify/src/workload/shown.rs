//! Runs and journals as answers show them.

use std::time::Duration;

use serde_json::Value;

use super::api::Api;
use crate::history::{Kind, Run, State, Step};

/// A time member, in microseconds since 1970.
pub(super) fn time(shown: &Value, name: &str) -> Option<i64> {
    let at: jiff::Timestamp = shown.get(name)?.as_str()?.parse().ok()?;
    Some(at.as_microsecond())
}

fn text(shown: &Value, name: &str) -> Option<String> {
    Some(shown.get(name)?.as_str()?.to_owned())
}

/// A run; None when it is not shown as documented.
pub(super) fn run(shown: &Value, kind: Kind) -> Option<Run> {
    let workflow = text(shown, "workflow")?;
    let op = shown.get("input").and_then(|input| text(input, "op"));
    Some(Run {
        id: text(shown, "id")?,
        kind,
        workflow: workflow.split_once('/')?.1.to_owned(),
        state: State::named(shown.get("state")?.as_str()?)?,
        attempts: shown.get("attempts")?.as_i64()?,
        created_at: time(shown, "created_at")?,
        run_at: time(shown, "run_at"),
        started_at: time(shown, "started_at"),
        ended_at: time(shown, "ended_at"),
        op,
        output: shown.get("output").cloned(),
        error: shown.get("error").cloned(),
    })
}

/// A journal of any length, when it could be read to its end.
pub(super) async fn journal(api: &Api, tenant: usize, turn: usize, run: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut after = 0;
    loop {
        let path = format!("/api/v1/runs/{run}/journal?after={after}");
        let page = api.read(tenant, turn, &path, Duration::ZERO).await?;
        for shown in page.get("steps")?.as_array()? {
            steps.push(step(shown)?);
        }
        match page.get("next_after").and_then(Value::as_u64) {
            Some(next) if next > after => after = next,
            _ => return Some(steps),
        }
    }
}

fn step(shown: &Value) -> Option<Step> {
    Some(Step {
        number: shown.get("number")?.as_u64()?,
        path: text(shown, "path")?,
        task: text(shown, "task")?,
        attempt: u32::try_from(shown.get("attempt")?.as_u64()?).ok()?,
        state: text(shown, "state")?,
        output: shown.get("output").cloned(),
        started_at: time(shown, "started_at"),
        ended_at: time(shown, "ended_at"),
    })
}
