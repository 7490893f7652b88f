//! Requests of people for their data: the steps of `workflows/dsar-export.yaml`, and the watch over them.

mod collect;
mod expire;
mod fail;
mod notify;
mod package;
mod store;
mod watch;

use levqor_dsar::{DsarError, DsarId, Request};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::activity::{ActivityError, Registry};

/// These activities.
pub(super) fn register(registry: Registry) -> Registry {
    registry
        .with(collect::Collect)
        .with(expire::Expire)
        .with(fail::Fail)
        .with(notify::Notify)
        .with(package::Package)
        .with(store::Store)
        .with(watch::Watch)
}

/// Which request.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// Id of a request of the run's tenant.
    request_id: String,
}

impl Which {
    fn id(&self) -> Result<DsarId, ActivityError> {
        id(&self.request_id)
    }
}

fn id(text: &str) -> Result<DsarId, ActivityError> {
    let unknown = |_| ActivityError::fail("request_id is no id").kind("validation", 400);
    text.parse().map_err(unknown)
}

/// How far the request is now; nothing of what it holds.
#[derive(Serialize, JsonSchema)]
struct State {
    /// `accepted`, `collected`, `packaged`, `stored`, `ready`, `downloaded`, `expired`, `refused` or `failed`.
    state: String,
}

fn state(outcome: Result<Request, DsarError>) -> Result<State, ActivityError> {
    let request = outcome.map_err(failure)?;
    Ok(State {
        state: levqor_dsar::word(request.state),
    })
}

/// What comes and goes is tried again; the rest is given up.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failure(error: DsarError) -> ActivityError {
    match error {
        DsarError::Store(_) | DsarError::Objects(_) | DsarError::NotConfigured(_) | DsarError::BrokenOff => {
            ActivityError::retry(error.to_string())
        }
        _ => ActivityError::fail(error.to_string()),
    }
}
