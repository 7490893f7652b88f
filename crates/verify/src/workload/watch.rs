//! Looking at runs while they run: ends as they are seen, journals as they grow.

use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use super::{context::Context, random::Random, shown};
use crate::history::{Reading, Sighting, State};

/// How long the API is asked to hold a request for the end.
const HELD: Duration = Duration::from_secs(5);

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// Pause between two journals read at random.
const SAMPLE: Duration = Duration::from_millis(60);

/// Runs among which a journal is chosen: those accepted last, which are under way.
const RECENT: u64 = 100;

/// Follows a run until it is seen ended, and notes that.
pub(super) async fn to_its_end(context: &Context, tenant: usize, run: &str) {
    let path = format!("/api/v1/runs/{run}?wait={}s", HELD.as_secs());
    for turn in 0.. {
        let seen = context.api.read(tenant, turn, &path, HELD).await;
        if let Some(sighting) = seen.and_then(|seen| ended(context, run, &seen)) {
            return context.recorder.sighting(sighting);
        }
        tokio::select! {
            () = context.stop.cancelled() => return,
            () = sleep(PAUSE) => {}
        }
    }
}

fn ended(context: &Context, run: &str, seen: &Value) -> Option<Sighting> {
    let state = State::named(seen.get("state")?.as_str()?).filter(|state| state.ended())?;
    Some(Sighting {
        run: run.to_owned(),
        at: context.recorder.now(),
        state,
        ended_at: shown::time(seen, "ended_at"),
    })
}

/// Reads journals of runs under way, until stopped.
pub(super) async fn sample(context: &Context, seed: u64) {
    let mut random = Random::new(seed, 1);
    for turn in 0.. {
        let recent = |count: usize| {
            let back = random.between(1, RECENT + 1);
            count.saturating_sub(usize::try_from(back).unwrap_or(1))
        };
        if let Some((tenant, run)) = context.recorder.any_run(recent)
            && let Some(steps) = shown::journal(&context.api, tenant, turn, &run).await
            && !steps.is_empty()
        {
            let at = context.recorder.now();
            context.recorder.reading(Reading { run, at, steps });
        }
        tokio::select! {
            () = context.stop.cancelled() => return,
            () = sleep(SAMPLE) => {}
        }
    }
}
