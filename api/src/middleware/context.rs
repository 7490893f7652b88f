//! What is known of a request before its operation runs; what the log, the headers and the errors need.

use std::net::IpAddr;

use levqor_store::TenantId;
use levqor_trace::{Entered, TraceId};
use poem::{
    Request,
    http::{HeaderValue, Method, Uri, header},
};
use poem_openapi::OperationId;

use super::{address::address, request_id::request_id};
use crate::{limit::Verdict, state::Shared};

/// Most characters of a user agent in the log.
const AGENT: usize = 200;

pub(super) struct Context {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) address: IpAddr,
    pub(super) agent: Option<HeaderValue>,
    pub(super) request_id: String,
    pub(super) tenant: Option<TenantId>,
    pub(super) rate: Option<Verdict>,
    pub(super) operation: &'static str,
    /// Its place in a trace.
    pub(super) entered: Option<Entered>,
}

impl Context {
    pub(super) fn of(request: &Request, shared: &Shared) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            address: address(request, shared.api.options.trusted_proxies),
            agent: request.headers().get(header::USER_AGENT).cloned(),
            request_id: request_id(request.headers(), shared.api.ids.as_ref()),
            tenant: None,
            rate: None,
            operation: "none",
            entered: None,
        }
    }

    /// Notes which operation answered.
    pub(super) fn reached(&mut self, operation: Option<&OperationId>) {
        self.operation = operation.map_or(self.operation, |id| id.0);
    }

    /// Its trace, when somebody records it, for the log.
    pub(super) fn trace(&self) -> Option<TraceId> {
        let context = self.entered?.context;
        context.is_sampled().then_some(context.trace)
    }

    /// The caller's program, for the log.
    pub(super) fn agent(&self) -> &str {
        let agent = self
            .agent
            .as_ref()
            .and_then(|agent| agent.to_str().ok())
            .unwrap_or_default();
        agent.get(..AGENT).unwrap_or(agent)
    }

    /// The path, for the log: of a segment that is a token of ours only the prefix that says what it opens.
    pub(super) fn path(&self) -> String {
        let shown = |segment| {
            if is_token(segment) {
                &segment[..PREFIX]
            } else {
                segment
            }
        };
        let segments: Vec<&str> = self.uri.path().split('/').map(shown).collect();
        segments.join("/")
    }
}

/// Characters before a token's digits.
const PREFIX: usize = 4;

fn is_token(segment: &str) -> bool {
    let digits = segment.as_bytes().get(PREFIX..).unwrap_or_default();
    segment.starts_with("lv") && digits.len() == 64 && digits.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_from_other_segments() {
        let digits = "0f".repeat(32);
        assert!(is_token(&format!("lvm_{digits}")));
        for other in ["", "lvm_", "unsubscribe", &digits, &format!("lvm_{digits}0")] {
            assert!(!is_token(other), "{other}");
        }
    }
}
