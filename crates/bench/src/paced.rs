//! Load that comes at its own pace, whether or not earlier requests have been answered: what a rate does to latency, and
//! what happens beyond capacity.

use std::time::Duration;

use futures::future::try_join_all;
use serde::Deserialize;
use tokio::time::Instant;

use crate::{
    http::Reply,
    load::{self, BATCH},
    target::Target,
};

/// A request this late is not sent any more: the generator, or all its connections, cannot keep up.
const TOO_LATE: Duration = Duration::from_secs(1);

/// How many of the accepted runs are looked at.
const SAMPLES: usize = 2_000;

/// Connections that read the samples afterwards.
const READERS: usize = 8;

/// A load.
#[derive(Clone, Copy)]
pub(crate) struct Paced {
    /// Runs a second.
    pub(crate) rate: f64,
    pub(crate) lasting: Duration,
    /// Requests under way at once at most.
    pub(crate) connections: usize,
    /// Whether [`BATCH`] runs share a request.
    pub(crate) batches: bool,
    /// Which document.
    pub(crate) workflow: &'static str,
}

/// An accepted run to look at later.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// Seconds since the load began.
    pub(crate) at: f64,
    /// When its request was due, in microseconds since the Unix epoch.
    due: i64,
    run: String,
}

/// What became of a load, in runs.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// When runs were accepted and how many, in seconds since the begin.
    pub(crate) accepted: Vec<(f64, usize)>,
    /// Refused with 429 or 503 and `Retry-After`.
    pub(crate) shed: usize,
    /// Answered otherwise, or not at all.
    pub(crate) other: usize,
    /// Never sent.
    pub(crate) unsent: usize,
    pub(crate) samples: Vec<Sample>,
}

/// The members of a batch's answer that matter here.
#[derive(Deserialize)]
struct Fates {
    items: Vec<Fate>,
}

#[derive(Deserialize)]
struct Fate {
    status: u16,
    job_id: Option<String>,
}

#[derive(Deserialize)]
struct Accepted {
    job_id: String,
}

impl Paced {
    fn requests(self) -> usize {
        (self.rate * self.lasting.as_secs_f64() / self.per_request() as f64).ceil() as usize
    }

    fn per_request(self) -> usize {
        if self.batches { BATCH } else { 1 }
    }

    /// Sends it all.
    pub(crate) async fn send(self, target: &Target) -> anyhow::Result<Outcome> {
        let clock = Begin {
            at: Instant::now() + Duration::from_millis(500),
            micros: (target.now)() + 500_000,
        };
        let clients = (0..self.connections).map(|client| self.client(target, client, clock));
        let mut all = Outcome::default();
        for mut part in try_join_all(clients).await? {
            all.accepted.append(&mut part.accepted);
            all.samples.append(&mut part.samples);
            all.shed += part.shed;
            all.other += part.other;
            all.unsent += part.unsent;
        }
        all.samples.sort_by(|a, b| a.at.total_cmp(&b.at));
        Ok(all)
    }

    /// Every so many-th request of the load, each at its time or as soon as the one before is answered.
    async fn client(self, target: &Target, client: usize, begin: Begin) -> anyhow::Result<Outcome> {
        let mut connection = target.open().await?;
        let mut outcome = Outcome::default();
        let (path, body) = if self.batches {
            ("/api/v1/intake/batch", load::batch(self.workflow))
        } else {
            ("/api/v1/intake", load::single(self.workflow))
        };
        let sampled = (self.requests() / SAMPLES).max(1);
        for n in (client..self.requests()).step_by(self.connections) {
            let after = Duration::from_secs_f64((n * self.per_request()) as f64 / self.rate);
            tokio::time::sleep_until(begin.at + after).await;
            if (begin.at + after).elapsed() > TOO_LATE {
                outcome.unsent += self.per_request();
                continue;
            }
            let Ok(reply) = connection.offer(path, body.as_bytes()).await else {
                outcome.other += self.per_request();
                connection = target.open().await?;
                continue;
            };
            let due = begin.micros + after.as_micros() as i64;
            self.note(
                &mut outcome,
                &reply,
                due,
                begin.at.elapsed().as_secs_f64(),
                n % sampled == 0,
            );
        }
        Ok(outcome)
    }

    fn note(self, outcome: &mut Outcome, reply: &Reply, due: i64, at: f64, sample: bool) {
        let (accepted, first) = accepted(reply, self.batches);
        if accepted > 0 {
            outcome.accepted.push((at, accepted));
        }
        if let Some(run) = first.filter(|_| sample) {
            outcome.samples.push(Sample { at, due, run });
        }
        let refused = self.per_request() - accepted;
        // An item of a batch says 503 in its own status; what to wait is the batch's matter.
        let shed = reply.is_refused_for_now() || reply.status == 207;
        *(if shed {
            &mut outcome.shed
        } else {
            &mut outcome.other
        }) += refused;
    }
}

/// The begin of a load by both clocks.
#[derive(Clone, Copy)]
struct Begin {
    at: Instant,
    micros: i64,
}

/// How many runs an answer accepted, and the last of them: the one of a batch that starts last, as a rule.
fn accepted(reply: &Reply, batch: bool) -> (usize, Option<String>) {
    if !(200..300).contains(&reply.status) {
        return (0, None);
    }
    if !batch {
        let run = serde_json::from_slice::<Accepted>(&reply.body).ok();
        return (1, run.map(|run| run.job_id));
    }
    let fates = serde_json::from_slice::<Fates>(&reply.body).map_or(Vec::new(), |fates| fates.items);
    let runs: Vec<_> = fates.into_iter().filter(|fate| fate.status < 300).collect();
    (
        runs.len(),
        runs.into_iter().next_back().and_then(|fate| fate.job_id),
    )
}

/// Milliseconds from the time a request was due to its activity's first line, with the seconds at which that was, of runs
/// of the document `stamp`. For one that has not ended within `wait` seconds it is the time that has passed: it takes at
/// least that long.
pub(crate) async fn latencies(
    target: &Target,
    samples: &[Sample],
    wait: u32,
) -> anyhow::Result<Vec<(f64, f64)>> {
    let readers = (0..READERS).map(|reader| async move {
        let mut connection = target.open().await?;
        let mut found = Vec::new();
        for sample in samples.iter().skip(reader).step_by(READERS) {
            let started = load::started(&mut connection, &sample.run, wait).await?;
            let started = started.unwrap_or_else(target.now);
            found.push((sample.at, (started - sample.due) as f64 / 1_000.0));
        }
        anyhow::Ok(found)
    });
    Ok(try_join_all(readers).await?.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            retry_after: (status == 503).then_some(Duration::from_secs(1)),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn answers_are_counted_in_runs() {
        let single = reply(202, r#"{"job_id":"a","state":"pending"}"#);
        assert_eq!(accepted(&single, false), (1, Some("a".to_owned())));
        let some = reply(207, r#"{"items":[{"status":202,"job_id":"a"},{"status":503}]}"#);
        assert_eq!(accepted(&some, true), (1, Some("a".to_owned())));
        assert_eq!(accepted(&reply(503, "{}"), true), (0, None));
    }

    #[test]
    fn what_is_refused_with_a_time_to_wait_is_shed_and_all_else_is_not() {
        let paced = Paced {
            rate: 1.0,
            lasting: Duration::from_secs(1),
            connections: 1,
            batches: false,
            workflow: "noop",
        };
        let mut outcome = Outcome::default();
        for status in [202, 503, 500] {
            paced.note(&mut outcome, &reply(status, "{}"), 0, 0.0, true);
        }
        assert_eq!((outcome.accepted.len(), outcome.shed, outcome.other), (1, 1, 1));
    }
}
