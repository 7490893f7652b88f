//! `try`, `catch` and retry policies.

use std::time::Duration;

use super::{Lower, fields::Fields, flow::Scope};
use crate::{
    limits,
    model::{Backoff, Delay, ErrorFilter, Retry, TaskKind, Try},
    tree::Cursor,
};

const CATCH: Fields = Fields {
    known: &["errors", "as", "when", "exceptWhen", "retry", "do", "then"],
    required: &[],
    unsupported: &[],
};
const ERRORS: Fields = Fields {
    known: &["with"],
    required: &[],
    unsupported: &[],
};
/// `details` is the spelling of v1.0.3.
const FILTER: Fields = Fields {
    known: &["type", "status", "instance", "title", "detail", "details"],
    required: &[],
    unsupported: &[],
};
const RETRY: Fields = Fields {
    known: &["when", "exceptWhen", "delay", "backoff", "limit", "jitter"],
    required: &[],
    unsupported: &[],
};
const BACKOFF: Fields = Fields {
    known: &["constant", "linear", "exponential"],
    required: &[],
    unsupported: &[],
};
const LIMIT: Fields = Fields {
    known: &["attempt", "duration"],
    required: &[],
    unsupported: &[],
};
const ATTEMPT: Fields = Fields {
    known: &["count", "duration"],
    required: &[],
    unsupported: &[],
};
const JITTER: Fields = Fields {
    known: &["from", "to"],
    required: &["from", "to"],
    unsupported: &[],
};

/// `limit`, with defaults for what is absent.
struct Limit {
    attempts: u32,
    attempt_duration: Option<Duration>,
    duration: Option<Duration>,
}

impl Lower<'_> {
    pub(super) fn try_catch(
        &mut self,
        task: Cursor<'_>,
        at: Cursor<'_>,
        scope: &Scope<'_>,
    ) -> Option<TaskKind> {
        let tasks = self.task_list(at);
        let Some(catch) = task.get("catch") else {
            self.problems
                .at("missing_property", task, "`catch` is missing; add it");
            return None;
        };
        self.fields(catch, &CATCH)?;
        let errors = catch
            .get("errors")
            .map_or_else(ErrorFilter::default, |at| self.error_filter(at));
        let r#as = self.variable(catch.get("as"), "error");
        let when = catch.get("when").and_then(|at| self.expression(at));
        let except_when = catch.get("exceptWhen").and_then(|at| self.expression(at));
        let retry = catch.get("retry").and_then(|at| self.retry(at));
        let r#do = catch.get("do").and_then(|at| self.task_list(at));
        let then = catch.get("then").and_then(|at| self.then(at, scope));
        Some(TaskKind::Try(Box::new(Try {
            tasks: tasks?,
            errors,
            r#as: r#as?,
            when,
            except_when,
            retry,
            r#do,
            then,
        })))
    }

    fn error_filter(&mut self, errors: Cursor<'_>) -> ErrorFilter {
        if self.fields(errors, &ERRORS).is_none() {
            return ErrorFilter::default();
        }
        let Some(at) = errors
            .get("with")
            .filter(|at| self.fields(*at, &FILTER).is_some())
        else {
            return ErrorFilter::default();
        };
        if at.children().len() == 0 {
            let message = "`with` filters by at least one property; add one or remove `errors`";
            self.problems.at("missing_property", at, message);
        }
        let detail = self.detail(at);
        let mut text = |at: Option<Cursor<'_>>| at.and_then(|at| self.string(at)).map(str::to_owned);
        ErrorFilter {
            r#type: text(at.get("type")),
            instance: text(at.get("instance")),
            title: text(at.get("title")),
            detail: text(detail),
            status: at.get("status").and_then(|at| self.integer(at, 100, 599)),
        }
    }

    fn retry(&mut self, at: Cursor<'_>) -> Option<Retry> {
        match at.as_str() {
            Some(_) => self.resolved(at, "retries", |uses| &uses.retries),
            None => self.retry_object(at),
        }
    }

    pub(super) fn retry_object(&mut self, at: Cursor<'_>) -> Option<Retry> {
        self.fields(at, &RETRY)?;
        let when = at.get("when").and_then(|at| self.expression(at));
        let except_when = at.get("exceptWhen").and_then(|at| self.expression(at));
        let delay = at
            .get("delay")
            .map_or(Some(Delay::Fixed(Duration::ZERO)), |at| self.delay(at));
        let backoff = at
            .get("backoff")
            .map_or(Some(Backoff::default()), |at| self.backoff(at));
        let limit = self.limit(at.get("limit"));
        let jitter = at.get("jitter").and_then(|at| self.jitter(at));
        Some(Retry {
            when,
            except_when,
            delay: delay?,
            backoff: backoff?,
            attempts: limit.attempts,
            attempt_duration: limit.attempt_duration,
            duration: limit.duration,
            jitter,
        })
    }

    fn backoff(&mut self, at: Cursor<'_>) -> Option<Backoff> {
        self.fields(at, &BACKOFF)?;
        let mut members = at.children();
        let (Some(member), None) = (members.next(), members.next()) else {
            let message = "`backoff` is exactly one of constant, linear, exponential";
            self.problems.at("conflicting_properties", at, message);
            return None;
        };
        self.object(member)?;
        if let Some(parameter) = member.children().next() {
            self.unsupported_key(parameter, "a parameter of a backoff");
        }
        match member.key() {
            "constant" => Some(Backoff::Constant),
            "linear" => Some(Backoff::Linear),
            "exponential" => Some(Backoff::Exponential),
            _ => None,
        }
    }

    /// Every policy is bounded: by its count, else by its duration and [`limits::RETRIES`], else by
    /// [`limits::DEFAULT_RETRIES`].
    fn limit(&mut self, at: Option<Cursor<'_>>) -> Limit {
        let at = at.filter(|at| self.fields(*at, &LIMIT).is_some());
        let duration = at
            .and_then(|at| at.get("duration"))
            .and_then(|at| self.fixed_duration(at));
        let attempt = at
            .and_then(|at| at.get("attempt"))
            .filter(|at| self.fields(*at, &ATTEMPT).is_some());
        let attempt_duration = attempt
            .and_then(|at| at.get("duration"))
            .and_then(|at| self.fixed_duration(at));
        let count = attempt.and_then(|at| at.get("count"));
        let count = count.and_then(|at| self.integer(at, 0, i64::from(limits::RETRIES)));
        let default = if duration.is_some() {
            limits::RETRIES
        } else {
            limits::DEFAULT_RETRIES
        };
        let attempts = count
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or(default);
        Limit {
            attempts,
            attempt_duration,
            duration,
        }
    }

    fn jitter(&mut self, at: Cursor<'_>) -> Option<(Duration, Duration)> {
        self.fields(at, &JITTER)?;
        let from = at.get("from").and_then(|at| self.fixed_duration(at));
        let to = at.get("to").and_then(|at| self.fixed_duration(at));
        let (from, to) = (from?, to?);
        if from > to {
            self.problems
                .at("invalid_value", at, "`from` is longer than `to`; swap them");
            return None;
        }
        Some((from, to))
    }
}
