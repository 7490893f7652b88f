//! `GET /api/v1/autoscaler`.

use std::sync::Arc;

use levqor_autoscaler::Decision;
use levqor_store::{Decided, DecisionId};
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use crate::{
    auth::Caller,
    cursor::{Cursors, page_size},
    error::{Code, Failed, Failures},
    json::{Json, Raw, raw},
    routes::Tag,
    state::Shared,
    time,
};

pub(crate) struct Get(pub Arc<Shared>);

/// A decision.
#[derive(Serialize, Object)]
struct AutoscalerDecision {
    /// Its id.
    id: String,
    /// When it was made (RFC 3339).
    at: String,
    /// The term of the leader that made it.
    term: i64,
    /// Workers that there should be.
    desired: i64,
    /// What settled it: `worth_more`, `look_ahead`, `not_worth_it`, `balanced`, `hysteresis`, `stabilisation`, `minimum`,
    /// `maximum`, `budget` or `stabilize`.
    reason: String,
}

/// The last decision, with all that it follows from.
#[derive(Serialize, Object)]
struct AutoscalerExplanation {
    /// Its id.
    id: String,
    /// When it was made (RFC 3339).
    at: String,
    /// Workers that there should be.
    desired: i64,
    /// What settled it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<String>,
    /// `desired`, `recommended` (before hysteresis and stabilisation), `reason`; `table`: what each number of workers near it
    /// would cost over the horizon, in millionths of a minor unit; `inputs`: all that it was computed from.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Raw>,
}

/// What the autoscaler decided.
#[derive(Serialize, Object)]
struct Autoscaler {
    /// The last decision; absent when there is none, as while the autoscaler is off from the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<AutoscalerExplanation>,
    /// Decisions of the last thirty days, newest first.
    decisions: Vec<AutoscalerDecision>,
    /// Pass it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Failures for Get {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl Get {
    /// How many workers there should be, and why
    ///
    /// Figures of the whole installation, by priority: they name no tenant, workflow or person, and any key may read them. A
    /// decision can be computed again from its inputs: `levqor autoscaler verify`.
    #[oai(
        path = "/api/v1/autoscaler",
        method = "get",
        operation_id = "getAutoscaler",
        tag = "Tag::Autoscaler"
    )]
    async fn get(
        &self,
        _caller: Caller,
        /// Most decisions on the page, 1 to 200.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Json<Autoscaler>, Failed<Self>> {
        let cursors = Cursors::new("autoscaler".to_owned());
        let before = cursors.start(cursor.0.as_deref())?;
        let limit = page_size(limit.0)?;
        let db = &self.0.api.platform.db;
        let mut found = db
            .decisions(before.map(DecisionId), limit.unsigned_abs() + 1)
            .await?;
        let newest = match before {
            None => found.first().cloned(),
            Some(_) => db.decisions(None, 1).await?.pop(),
        };
        Ok(Json(Autoscaler {
            last: newest.map(explained),
            next_cursor: cursors.cut(&mut found, limit, |decision| decision.id.0),
            decisions: found.into_iter().map(listed).collect(),
        }))
    }
}

fn listed(row: Decided) -> AutoscalerDecision {
    AutoscalerDecision {
        id: row.id.to_string(),
        at: time::format(row.at),
        term: row.term,
        desired: row.desired,
        reason: row.reason,
    }
}

/// A decision of a newer release may be of another form; then it is shown as it is, without words.
fn explained(row: Decided) -> AutoscalerExplanation {
    let read = serde_json::from_str::<Decision>(&row.decision);
    AutoscalerExplanation {
        id: row.id.to_string(),
        at: time::format(row.at),
        desired: row.desired,
        explanation: read.ok().map(|decision| decision.words()),
        decision: raw(row.decision.into_bytes()),
    }
}
