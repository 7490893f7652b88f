//! The one layer around all operations. It is one, rather than a stack of small ones, because each layer costs an
//! allocation and a virtual call on a path that has some 100 microseconds.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use levqor_store::Timestamp;
use poem::{
    Endpoint, Request, Response,
    http::{HeaderValue, Method, StatusCode, header},
};

use super::{address::Address, admission::admit, context::Context, headers, query, render, trace};
use crate::{
    error::{Code, Problem},
    observer::Served,
    state::Shared,
};

/// The longest `?wait` of GET /api/v1/runs/{id}.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

pub(crate) struct Gate<E> {
    inner: E,
    shared: Arc<Shared>,
}

impl<E> Gate<E> {
    pub(crate) fn new(inner: E, shared: Arc<Shared>) -> Self {
        Self { inner, shared }
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Gate<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let started = self.shared.now();
        let mut context = Context::of(&request, &self.shared);
        let answer = AssertUnwindSafe(self.answer(request, &mut context))
            .catch_unwind()
            .await;
        let answer = answer.unwrap_or_else(|_| {
            tracing::error!(
                request_id = context.request_id,
                path = context.path(),
                "operation panicked"
            );
            Err(Problem::new(Code::Internal, "The operation failed."))
        });
        let mut response = answer.unwrap_or_else(|problem| render::response(problem, &self.shared, &context));
        finish(&mut response, &context);
        self.report(
            &context,
            response.status(),
            self.shared.now().saturating_sub(started),
        );
        Ok(response)
    }
}

impl<E: Endpoint<Output = Response>> Gate<E> {
    async fn answer(&self, mut request: Request, context: &mut Context) -> Result<Response, Problem> {
        if let Some(authority) = admit(&self.shared, request.headers(), context).await? {
            context.entered = trace::entered(&self.shared, request.headers());
            let trace = context.entered.map(|entered| entered.context);
            request.extensions_mut().insert(authority.within(trace));
        }
        request.extensions_mut().insert(Address(context.address));
        query::check(&self.shared.routes, &context.method, &context.uri)?;
        if context.method == Method::OPTIONS {
            return self.options(context);
        }
        let limit = self.limit(context);
        let answer = tokio::time::timeout(limit, self.inner.call(request))
            .await
            .map_err(|_| {
                let detail = format!("The operation took longer than {} seconds.", limit.as_secs());
                Problem::new(Code::Unavailable, detail).retry_after(2)
            })?;
        match answer {
            Ok(response) => {
                context.reached(response.data());
                whole(response)
            }
            Err(error) => {
                context.reached(error.data());
                Err(render::problem(error, &self.shared, context))
            }
        }
    }

    /// How long the operation may take.
    fn limit(&self, context: &Context) -> Duration {
        let waits = context.uri.query().is_some_and(|query| query.contains("wait="));
        self.shared.api.options.request_timeout + if waits { LONGEST_WAIT } else { Duration::ZERO }
    }

    fn options(&self, context: &Context) -> Result<Response, Problem> {
        let allow = self.shared.routes.allow(context.uri.path());
        let allow = allow.ok_or_else(|| Problem::new(Code::NotFound, "Nothing is served at this path."))?;
        Ok(Response::builder()
            .status(StatusCode::NO_CONTENT)
            .header(header::ALLOW, allow)
            .finish())
    }

    fn report(&self, context: &Context, status: StatusCode, took: Duration) {
        self.shared.measured.served(status.as_u16());
        self.shared.api.observer.served(&Served {
            operation: context.operation,
            status: status.as_u16(),
            took,
        });
        self.record(context, status, took);
        tracing::info!(
            target: "levqor_api::access",
            method = context.method.as_str(),
            path = context.path(),
            operation = context.operation,
            status = status.as_u16(),
            took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            address = %context.address,
            user_agent = context.agent(),
            request_id = context.request_id,
            tenant = context.tenant.map(tracing::field::display),
            trace_id = context.trace().map(tracing::field::display),
            "request"
        );
    }

    fn record(&self, context: &Context, status: StatusCode, took: Duration) {
        if let Some(entered) = context.entered.filter(|entered| entered.recorded) {
            let now = self.shared.api.clock.now();
            let from = Timestamp(now.0.saturating_sub(i64::try_from(took.as_micros()).unwrap_or(0)));
            let span = trace::answered(entered, context, status, (from, now));
            self.shared.api.options.tracer.record(span);
        }
    }
}

fn finish(response: &mut Response, context: &Context) {
    let headers = response.headers_mut();
    headers::secure(headers);
    if let Some(rate) = context.rate {
        headers::rate(headers, rate);
    }
    if let Ok(id) = HeaderValue::from_str(&context.request_id) {
        headers.insert("x-request-id", id);
    }
}

/// An operation that could not write its answer left it without a type.
fn whole(response: Response) -> Result<Response, Problem> {
    if response.status().is_server_error() && response.content_type().is_none() {
        return Err(Problem::new(Code::Internal, "The answer could not be written."));
    }
    Ok(response)
}
