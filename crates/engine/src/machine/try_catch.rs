//! `try`: who catches what was raised, and whether it is tried again.
//!
//! The specification leaves the order of `retry` and `catch.do` open. Ours: retry first; when no retry is left, or the
//! policy does not apply, `catch.do` runs if present, else the error goes on outward. A `catch` with neither swallows
//! the error, and the output is the input of the `try`.

use levqor_workflow::{
    error_type,
    model::{Backoff, ErrorFilter, Retry, TaskKind, Try},
};
use serde_json::Value;

use super::{
    Env, Here, Machine, Outcome,
    advance::Decision,
    scope::Scope,
    state::{Attempts, Body, Frame, Phase, Raised},
    time::micros,
};
use crate::{Entry, Micros, WorkflowError, journal::Fact, limits};

impl Machine {
    /// Gives an error to the innermost `try` that takes it; without one the run faults.
    pub(super) fn handle(&self, raised: &Raised, env: &Env<'_>) -> Decision {
        let Some(walk) = self.state.walk(&self.definition) else {
            return self.broken();
        };
        for (frame, task) in self.state.frames.iter().skip(1).zip(walk.tasks).rev() {
            if let (TaskKind::Try(r#try), Body::Try(attempts)) = (&task.kind, &frame.body)
                && matches!(attempts.phase, Phase::Trying(_))
            {
                let here = Here::open(frame, task);
                let decided = self.catch(&here, (r#try, frame, attempts), raised, env);
                let decided = decided.unwrap_or_else(|error| Some(here.failed(error.into(), None, env.now)));
                if let Some(entry) = decided {
                    return Decision::record(entry);
                }
            }
        }
        Decision::end(Outcome::Faulted(raised.error.clone()))
    }

    /// What a `try` does with an error; none when it lets it pass.
    fn catch(
        &self,
        here: &Here<'_>,
        (task, frame, attempts): (&Try, &Frame, &Attempts),
        raised: &Raised,
        env: &Env<'_>,
    ) -> Result<Option<Entry>, WorkflowError> {
        let input = &*frame.input;
        let mut scope = self.scope(here, input, env);
        scope.local = vec![(&task.r#as, raised.error.to_value())];
        let is_meant = fits(&task.errors, &raised.error)
            && scope.holds(task.when.as_ref(), input)?
            && !(task.except_when.is_some() && scope.holds(task.except_when.as_ref(), input)?);
        if !is_meant {
            return Ok(None);
        }
        if let Some(retry) = &task.retry
            && let Some(due) = scope.next_attempt(retry, input, attempts, raised)?
        {
            let fact = Fact::Retry {
                attempt: attempts.number.saturating_add(1),
                due,
            };
            return Ok(Some(Entry::new(fact, &here.path, env.now)));
        }
        let is_caught = task.r#do.is_some() || task.retry.is_none();
        Ok(is_caught.then(|| Entry::new(Fact::Caught, &here.path, env.now)))
    }
}

impl Scope<'_> {
    /// When the next attempt is; none when there is none.
    fn next_attempt(
        &self,
        retry: &Retry,
        input: &Value,
        attempts: &Attempts,
        raised: &Raised,
    ) -> Result<Option<Micros>, WorkflowError> {
        let applies = !raised.fatal
            && attempts.number <= retry.attempts
            && self.holds(retry.when.as_ref(), input)?
            && !(retry.except_when.is_some() && self.holds(retry.except_when.as_ref(), input)?);
        if !applies {
            return Ok(None);
        }
        let delay = grown(self.delay(&retry.delay, input)?, retry.backoff, attempts.number);
        let jitter = retry
            .jitter
            .map_or(0, |(from, to)| pick(micros(from), micros(to), self.env.random));
        let delay = delay.saturating_add(jitter).min(limits::RETRY_DELAY);
        let due = self.env.now.saturating_add(delay);
        let last = retry.duration.map(|longest| {
            attempts
                .first_failed
                .unwrap_or(raised.at)
                .saturating_add(micros(longest))
        });
        Ok(last.is_none_or(|last| due <= last).then_some(due))
    }
}

/// The delay before retry number `retry`, 1 for the first.
fn grown(delay: Micros, backoff: Backoff, retry: u32) -> Micros {
    let factor = match backoff {
        Backoff::Constant => 1,
        Backoff::Linear => Micros::from(retry),
        Backoff::Exponential => 1 << retry.saturating_sub(1).min(62),
    };
    delay.saturating_mul(factor).min(limits::RETRY_DELAY)
}

/// A number in `from..=to`.
fn pick(from: Micros, to: Micros, random: u64) -> Micros {
    let width = u64::try_from(to.saturating_sub(from))
        .unwrap_or(0)
        .saturating_add(1);
    from.saturating_add(Micros::try_from(random % width).unwrap_or(0))
}

/// `catch.errors.with`: absent members match anything.
fn fits(filter: &ErrorFilter, error: &WorkflowError) -> bool {
    let text = |wanted: &Option<String>, actual: &Option<String>| wanted.is_none() || wanted == actual;
    filter
        .r#type
        .as_ref()
        .is_none_or(|wanted| error_type::same(wanted, &error.r#type))
        && filter.status.is_none_or(|wanted| wanted == error.status)
        && text(&filter.instance, &error.instance)
        && text(&filter.title, &error.title)
        && text(&filter.detail, &error.detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_as_their_backoff_says_up_to_a_day() {
        for (backoff, expected) in [
            (Backoff::Constant, [7, 7, 7, 7]),
            (Backoff::Linear, [7, 14, 21, 28]),
            (Backoff::Exponential, [7, 14, 28, 56]),
        ] {
            assert_eq!([1, 2, 3, 4].map(|retry| grown(7, backoff, retry)), expected);
        }
        assert_eq!(grown(1, Backoff::Exponential, u32::MAX), limits::RETRY_DELAY);
        assert_eq!(grown(Micros::MAX, Backoff::Linear, 3), limits::RETRY_DELAY);
    }

    #[test]
    fn jitter_stays_in_its_range() {
        for random in [0, 1, 2, 3, u64::MAX] {
            assert!((5..=7).contains(&pick(5, 7, random)));
        }
        assert_eq!(pick(5, 5, 99), 5);
        assert_eq!(pick(9, 5, 99), 9);
        assert_eq!(pick(0, Micros::MAX, u64::MAX), Micros::MAX);
    }
}
