//! How far less urgent runs may overtake a more urgent one. Promised is the order of the relay (PROTOCOL.md): by priority,
//! then by age, and nothing between tenants. What the bound allows: a hint that finds the queue full is dropped, so that the
//! run waits until the queue, which holds at most 2,000, has been read; what workers have taken out by then is started too, at
//! most their slots and one message of 64 each. Looked at are the runs of the burst, which is sent when nothing is harmed.

use super::{Bug, Verdict};
use crate::history::{Capacity, History, Kind, Priority, Run};

/// Hints that wait in the queue at most.
const QUEUE: usize = 2_000;

/// Hints of a message, which a fetch may take beyond the free slots.
const MESSAGE: usize = 64;

/// Runs that may overtake.
fn bound(capacity: Capacity) -> usize {
    QUEUE + capacity.workers * (capacity.slots + MESSAGE)
}

/// Less urgent runs of a burst that makes a violation of the bound visible.
pub(crate) fn burst(capacity: Capacity) -> usize {
    2 * bound(capacity)
}

/// Looks at the urgent runs of the burst.
pub(super) fn check(history: &History) -> Verdict {
    let promise = "an urgent run is overtaken by no more runs than the queue and the workers held";
    let mut verdict = Verdict::new("fairness", promise);
    let bound = bound(history.capacity);
    let accepted = history.accepted();
    let runs = history.by_id();
    let burst: Vec<(Priority, &Run)> = accepted
        .iter()
        .filter(|(_, start)| start.kind == Kind::Burst)
        .filter_map(|(id, start)| Some((start.priority, *runs.get(id)?)))
        .collect();
    for (priority, run) in &burst {
        if *priority == Priority::High {
            verdict.look();
            urgent(run, &burst, bound, &mut verdict);
        }
    }
    if verdict.checked > 0 {
        verdict.most("bound", bound as u64);
    }
    verdict
}

fn urgent(run: &Run, burst: &[(Priority, &Run)], bound: usize, verdict: &mut Verdict) {
    let less = || {
        burst
            .iter()
            .filter(|(priority, _)| *priority > Priority::High)
            .map(|(_, run)| run)
    };
    let waiting = |other: &&&Run| other.started_at.is_none_or(|at| at > run.created_at);
    let overtook = |other: &&&Run| {
        run.started_at
            .is_none_or(|own| other.started_at.is_some_and(|at| at < own))
    };
    let backlog = less().filter(waiting).count();
    let overtaken = less().filter(waiting).filter(overtook).count();
    verdict.most("backlog before an urgent run", backlog as u64);
    verdict.most("overtaken by", overtaken as u64);
    if overtaken > bound || run.started_at.is_none() {
        let what = format!("{overtaken} less urgent runs were started before it; bound {bound}");
        verdict.found(Bug::Starvation, &run.id, what);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::good, *};

    #[test]
    fn starvation_is_found() {
        let mut history = good();
        history.capacity = Capacity::default();
        let low = history
            .starts
            .iter()
            .position(|start| start.priority == Priority::Low)
            .unwrap();
        let id = history.starts[low].run().unwrap().to_owned();
        let run = history.runs.iter().find(|run| run.id == id).unwrap().clone();
        for n in 0..=QUEUE {
            let (mut start, mut run) = (history.starts[low].clone(), run.clone());
            run.id = format!("low-{n}");
            start.key.clone_from(&run.id);
            start.answers[0].fate = crate::history::Fate::Accepted {
                run: run.id.clone(),
                replayed: false,
            };
            history.starts.push(start);
            history.runs.push(run);
        }
        assert_eq!(check(&history).bugs(), []);
        let accepted: Vec<String> = history
            .starts
            .iter()
            .filter(|start| start.kind == Kind::Burst && start.priority == Priority::High)
            .filter_map(|start| Some(start.run()?.to_owned()))
            .collect();
        for run in &mut history.runs {
            if accepted.contains(&run.id) {
                run.started_at = run.started_at.map(|at| at + 60_000_000);
            }
        }
        assert_eq!(check(&history).bugs(), [Bug::Starvation]);
    }
}
