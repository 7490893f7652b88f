//! Calls of the outside service, as it sees them.

use levqor_engine::{Action, Call};

use super::{Checker, Checks, Means, fresh, timeless};
use crate::{
    Micros,
    ids::{RunId, Who},
    outside::{Outside, Visit},
    times::LEASE,
};

impl Checks {
    pub(crate) fn call_begins(&mut self, visit: &Visit, outside: &Outside, call: &Call, means: Means<'_>) {
        self.overlap(visit, outside, means.0);
        self.one_key(visit, means.0);
        self.depends_on_committed(visit, call, means);
    }

    fn overlap(&mut self, visit: &Visit, outside: &Outside, now: Micros) {
        let same = outside.open.values().filter(|other| other.key == visit.key);
        let older = |other: &Visit| {
            if other.epoch < visit.epoch {
                other.who
            } else {
                visit.who
            }
        };
        let wrong = same.filter(|other| other.epoch == visit.epoch || self.beats_lately(older(other), now));
        let found: Vec<_> = wrong.map(|other| (other.who, other.epoch)).collect();
        for (who, epoch) in found {
            let key = &visit.key;
            let detail = format!(
                "{} calls with {key} @{} while {who} does @{epoch}",
                visit.who, visit.epoch
            );
            self.found(Checker::Overlap, now, detail);
        }
    }

    fn beats_lately(&self, who: Who, now: Micros) -> bool {
        self.beats.get(&who).is_some_and(|last| now - last < LEASE)
    }

    fn one_key(&mut self, visit: &Visit, now: Micros) {
        let step = (visit.run, without_attempts(&visit.path));
        let key = self
            .key_of_step
            .entry(step.clone())
            .or_insert_with(|| visit.key.clone())
            .clone();
        if key != visit.key {
            let detail = format!("{} of {} was called with {key} and {}", step.1, step.0, visit.key);
            self.found(Checker::KeyPerStep, now, detail);
        }
        let owner = self
            .step_of_key
            .entry(visit.key.clone())
            .or_insert_with(|| step.clone())
            .clone();
        if owner != step {
            let detail = format!("{} is the key of {} and of {}", visit.key, owner.1, step.1);
            self.found(Checker::KeyPerStep, now, detail);
        }
    }

    /// A fresh machine over what this epoch could build on asks for the same call.
    fn depends_on_committed(&mut self, visit: &Visit, call: &Call, (now, evaluator, documents): Means<'_>) {
        let Some(book) = self.books.get(&visit.run) else {
            return;
        };
        let mut machine = fresh(documents, visit.run, book.document, book.wish, book.created_at);
        let rows = book.rows.iter().filter(|(epoch, ..)| *epoch <= visit.epoch);
        let folded = rows
            .flat_map(|(_, _, entries)| entries)
            .try_for_each(|entry| machine.apply(entry));
        let asks = folded.map(|()| machine.advance(&timeless(evaluator)).action);
        let same = |other: &Call| other.path == call.path && other.kind == call.kind;
        if !matches!(&asks, Ok(Action::Call(other)) if same(other)) {
            let asks = match asks {
                Ok(Action::Call(other)) => other.path,
                Ok(Action::Park { .. }) => "nothing: it parks".to_owned(),
                Ok(Action::End(_)) => "nothing: it ends".to_owned(),
                Err(corrupt) => corrupt.to_string(),
            };
            let detail = format!(
                "{} calls {} of {}; committed: {asks}",
                visit.who,
                visit.path,
                run(visit)
            );
            self.found(Checker::EffectBeforeCommit, now, detail);
        }
    }
}

fn run(visit: &Visit) -> String {
    let id: RunId = visit.run;
    format!("{id}@{}", visit.epoch)
}

/// The step of a path: `try@2` is `try`. Not the engine's way of doing it, on purpose.
fn without_attempts(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment.split_once('@') {
        Some((list @ ("try" | "catch"), _)) => list,
        _ => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_has_no_attempts_but_its_iteration() {
        assert_eq!(
            without_attempts("/do/0/a/for/2/do/1/t/try@3/0/c"),
            "/do/0/a/for/2/do/1/t/try/0/c"
        );
        assert_eq!(without_attempts("/do/1/t/catch@4/do/0/h"), "/do/1/t/catch/do/0/h");
    }
}
