//! Requests as a trace shows them.

use std::fmt;

use super::Request;
use crate::ids::RunId;

/// Texts of several, with spaces between them.
struct All<T>(T);

impl<T: Iterator<Item = String> + Clone> fmt::Display for All<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.clone().try_for_each(|one| write!(f, " {one}"))
    }
}

fn pair((run, epoch): &(RunId, i32)) -> String {
    format!("{run}@{epoch}")
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Intake { token, runs } => {
                let one =
                    |run: &super::NewRun| format!("{}(request {}, key {})", run.id, run.wish.0, run.keyed);
                write!(f, "intake t{}{}", token.0, All(runs.iter().map(one)))
            }
            Self::Deliver { token, deliveries } => {
                let one = |one: &super::Delivery| format!("{:?} to {}", one.kind, one.run);
                write!(f, "deliver t{}{}", token.0, All(deliveries.iter().map(one)))
            }
            Self::Ingest { event, .. } => write!(f, "ingest e-{event}"),
            Self::Claim { wanted, .. } => {
                let one = |one: &super::ClaimRequest| format!("{}@{}(t{})", one.run, one.epoch, one.token.0);
                write!(f, "claim{}", All(wanted.iter().map(one)))
            }
            Self::Append(all) => {
                let one = |one: &super::Append| format!("{}@{} after row {}", one.run, one.epoch, one.seq);
                write!(f, "append{}", All(all.iter().map(one)))
            }
            Self::Park(all) => {
                let one = |one: &super::Park| {
                    format!(
                        "{}@{} after row {}, inbox {}",
                        one.run, one.epoch, one.seq, one.inbox
                    )
                };
                write!(f, "park{}", All(all.iter().map(one)))
            }
            Self::End(all) => {
                let one = |one: &super::End| {
                    format!(
                        "{}@{} {:?}, row {}, inbox {}",
                        one.run, one.epoch, one.state, one.seq, one.inbox
                    )
                };
                write!(f, "end{}", All(all.iter().map(one)))
            }
            Self::Release(runs) => write!(f, "release{}", All(runs.iter().map(pair))),
            Self::InboxCounts(runs) => write!(f, "inbox_counts{}", All(runs.iter().map(pair))),
            Self::InboxAfter(run, n) => write!(f, "inbox_after {run} {n}"),
            Self::DeleteOutbox(rows) => {
                write!(
                    f,
                    "delete_outbox{}",
                    All(rows.iter().map(|row| pair(&(row.0, row.1))))
                )
            }
            // Nothing in them is long.
            other => write!(f, "{other:?}"),
        }
    }
}
