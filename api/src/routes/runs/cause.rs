//! What a run's row, journal and the workers say about why it is not progressing.

use levqor_engine::{Entry, Micros, StepView, journal::Fact};
use levqor_store::{Beat, Timestamp};

use crate::time;

/// Why a run is where it is, and what makes it go on.
pub(super) struct Cause {
    pub(super) reason: &'static str,
    pub(super) detail: String,
    pub(super) unblocked_by: String,
    pub(super) steps: Vec<String>,
}

impl Cause {
    pub(super) fn new(
        reason: &'static str,
        detail: impl Into<String>,
        unblocked_by: impl Into<String>,
    ) -> Self {
        Self {
            reason,
            detail: detail.into(),
            unblocked_by: unblocked_by.into(),
            steps: Vec::new(),
        }
    }
}

/// A run that is not to be started yet.
pub(super) fn scheduled(at: Timestamp) -> Cause {
    let at = time::format(at);
    Cause::new(
        "scheduled",
        format!("It is not to be started before {at}."),
        format!("The time {at}."),
    )
}

/// A run that could be taken: which worker has room decides between waiting in line and waiting for a worker to appear.
pub(super) fn queued(workers: &[Beat]) -> Cause {
    if workers.is_empty() {
        return Cause::new("no_worker", "No worker is alive.", "Starting a worker.");
    }
    if workers.iter().all(|worker| worker.busy >= worker.slots) {
        let detail = format!("All {} workers are full.", workers.len());
        return Cause::new(
            "workers_busy",
            detail,
            "A run that ends or waits, or another worker.",
        );
    }
    Cause::new(
        "queued",
        "It is ready and waits for its turn.",
        "A worker taking it, usually within a second.",
    )
}

/// A run that a worker holds.
pub(super) fn running(steps: &[StepView]) -> Cause {
    let open = paths(steps, "running");
    let detail = match steps.last() {
        Some(step) => format!(
            "A worker is at {} ({}, attempt {}).",
            step.path, step.task, step.attempt
        ),
        None => "A worker is at its first step.".into(),
    };
    let unblocked_by =
        "The step's end or timeout; after the loss of its worker, another worker within the lease.";
    Cause {
        steps: open,
        ..Cause::new("in_progress", detail, unblocked_by)
    }
}

/// A run that gave its worker back.
pub(super) fn waiting(steps: &[StepView], entries: &[Entry]) -> Cause {
    let open = paths(steps, "waiting");
    let last = steps.iter().rev().find(|step| step.state == "waiting");
    let at = last.map(|step| step.path.as_str()).unwrap_or_default();
    let until = due(entries, at).map_or("the end of its delay".into(), |due| time::format(Timestamp(due)));
    let cause = match last.map(|step| step.task.as_str()) {
        Some("wait") => Cause::new(
            "waiting_for_time",
            format!("It waits at {at}."),
            format!("The time: {until}."),
        ),
        Some("listen") => Cause::new(
            "waiting_for_event",
            format!("It listens at {at}."),
            "An event that matches, sent to POST /api/v1/events; or the task's timeout.",
        ),
        Some(_) if due(entries, at).is_some() => Cause::new(
            "waiting_to_retry",
            format!("It will try again at {at}."),
            format!("The time: {until}."),
        ),
        _ => Cause::new(
            "waiting",
            "It waits for a timer or an event.",
            "That timer or event.",
        ),
    };
    Cause { steps: open, ..cause }
}

/// When what began last at a path goes on by itself.
fn due(entries: &[Entry], path: &str) -> Option<Micros> {
    entries
        .iter()
        .rev()
        .filter(|entry| entry.path == path)
        .find_map(|entry| match &entry.fact {
            Fact::Started(started) => started.wake,
            Fact::Retry { due, .. } => Some(*due),
            _ => None,
        })
}

fn paths(steps: &[StepView], state: &str) -> Vec<String> {
    steps
        .iter()
        .filter(|step| step.state == state)
        .map(|step| step.path.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use levqor_store::WorkerId;
    use uuid::Uuid;

    use super::*;

    fn worker(slots: i32, busy: i32) -> Beat {
        Beat {
            worker: WorkerId(Uuid::nil()),
            beats: 1,
            slots,
            busy,
        }
    }

    fn step(task: &str, state: &str) -> StepView {
        StepView {
            path: format!("/do/0/{task}"),
            pointer: format!("/do/0/{task}"),
            task: task.into(),
            attempt: 1,
            state: state.into(),
            input: None,
            output: None,
            error: None,
            started_at: None,
            ended_at: None,
        }
    }

    #[test]
    fn a_pending_run_waits_for_a_worker_to_come_or_to_have_room() {
        assert_eq!(queued(&[]).reason, "no_worker");
        assert_eq!(queued(&[worker(2, 2), worker(1, 1)]).reason, "workers_busy");
        assert_eq!(queued(&[worker(2, 2), worker(2, 1)]).reason, "queued");
    }

    fn entry(path: &str, fact: &str) -> Entry {
        serde_json::from_str(&format!(r#"{{"path":"{path}","at":0,"fact":{fact}}}"#)).unwrap()
    }

    #[test]
    fn a_waiting_run_names_what_it_waits_for_and_until_when() {
        let wait = entry("/do/0/wait", r#"{"started":{"task":"wait","wake":1000000}}"#);
        let retry = entry("/do/0/try", r#"{"retry":{"attempt":2,"due":2000000}}"#);
        let listen = entry("/do/0/listen", r#"{"started":{"task":"listen"}}"#);
        for (task, entry, reason, until) in [
            ("wait", &wait, "waiting_for_time", "1970-01-01T00:00:01.000000Z"),
            ("try", &retry, "waiting_to_retry", "1970-01-01T00:00:02.000000Z"),
            ("listen", &listen, "waiting_for_event", "An event"),
            ("other", &listen, "waiting", "That timer"),
        ] {
            let found = waiting(
                &[step("set", "completed"), step(task, "waiting")],
                std::slice::from_ref(entry),
            );
            assert_eq!(found.reason, reason);
            assert_eq!(found.steps, [format!("/do/0/{task}")]);
            assert!(found.unblocked_by.contains(until), "{}", found.unblocked_by);
        }
        assert_eq!(waiting(&[], &[]).reason, "waiting");
    }

    #[test]
    fn a_running_run_names_its_step() {
        let found = running(&[step("set", "completed"), step("http", "running")]);
        assert_eq!(
            (found.reason, found.steps),
            ("in_progress", vec!["/do/0/http".to_owned()])
        );
        assert_eq!(running(&[]).reason, "in_progress");
    }
}
