//! `GET /api/v1/runs/{id}`.

use std::{sync::Arc, time::Duration};

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};

use super::{find, view::RunBody};
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

/// Longest time a request is held.
const LONGEST: Duration = Duration::from_mins(1);

pub(crate) struct Get(pub Arc<Shared>);

impl Failures for Get {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::RunNotFound];
}

#[OpenApi]
impl Get {
    /// Read a run
    ///
    /// With `wait` the answer is held until the run has ended, or until the time is over: then it shows the run as it
    /// is, which is no error.
    #[oai(
        path = "/api/v1/runs/:id",
        method = "get",
        operation_id = "getRun",
        tag = "Tag::Runs"
    )]
    async fn get(
        &self,
        caller: Caller,
        /// The run's id.
        id: Path<String>,
        /// How long to wait for its end: seconds such as `30s`, milliseconds such as `500ms`; at most 60 s.
        wait: Query<Option<String>>,
    ) -> Result<Json<RunBody>, Failed<Self>> {
        let wait = wait.0.as_deref().map(duration).transpose()?;
        let mut run = find(&self.0, caller, &id.0).await?;
        if let Some(wait) = wait.filter(|wait| !wait.is_zero() && !run.state.ended()) {
            self.0.waiters.ended(run.id, wait).await?;
            run = find(&self.0, caller, &id.0).await?;
        }
        Ok(Json(RunBody::new(&self.0, run)))
    }
}

fn duration(text: &str) -> Result<Duration, Problem> {
    let wrong = || {
        Problem::new(
            Code::InvalidParameter,
            "Expected a time of at most 60 seconds, such as 30s or 500ms.",
        )
        .parameter("wait")
    };
    let (digits, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    let wait = match unit {
        "ms" => Duration::from_millis(number),
        "" | "s" => Duration::from_secs(number),
        _ => return Err(wrong()),
    };
    if wait > LONGEST { Err(wrong()) } else { Ok(wait) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_given_in_seconds_or_milliseconds() {
        for (text, seconds) in [("30s", 30.0), ("60", 60.0), ("500ms", 0.5), ("0s", 0.0)] {
            assert_eq!(
                duration(text).ok(),
                Some(Duration::from_secs_f64(seconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "s",
            "61s",
            "-1s",
            "1m",
            "1.5s",
            "1 s",
            "99999999999999999999s",
            "é",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
