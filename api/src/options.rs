//! What an operator decides about the API.

use std::{sync::Arc, time::Duration};

use levqor_ledger::Accounting;
use levqor_mail::webhook::Secrets;
use levqor_trace::Tracer;
use serde_json::Value;

/// Requests a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Without a key, for each address (an IPv6 network of 64 bits counts as one).
    pub anonymous_address: u32,
    /// Without a key, for all addresses together.
    pub anonymous_total: u32,
    /// Tenants of the plan `sandbox`, and of plans with another name.
    pub sandbox: u32,
    /// Tenants of the plan `pro`.
    pub pro: u32,
    /// Tenants of the plan `enterprise`; None: only what the server can hold limits them.
    pub enterprise: Option<u32>,
}

impl Rates {
    /// The rate of a plan.
    pub(crate) fn of(&self, plan: &str) -> Option<u32> {
        match plan {
            "enterprise" => self.enterprise,
            "pro" => Some(self.pro),
            _ => Some(self.sandbox),
        }
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            anonymous_address: 20,
            anonymous_total: 200,
            sandbox: 60,
            pro: 6_000,
            enterprise: None,
        }
    }
}

/// An activity that documents may call. The list comes from the worker's registry; the API only shows and checks it.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivityInfo {
    /// As written after `call:`.
    pub name: String,
    /// What it does, for people.
    pub description: String,
    /// JSON Schema of `with`.
    pub input: Value,
    /// JSON Schema of its output.
    pub output: Value,
}

/// Options of the API.
#[derive(Clone, Debug)]
pub struct ApiOptions {
    /// URL under which callers reach this server, without a slash at the end. None: URLs in answers are relative.
    pub public_url: Option<String>,
    /// How many proxies stand before this server and add to X-Forwarded-For. 0: the header is not believed.
    pub trusted_proxies: usize,
    /// Rates.
    pub rates: Rates,
    /// Activities that documents may call.
    pub activities: Arc<Vec<ActivityInfo>>,
    /// Secrets of the mail provider's webhook. None: it is not taken.
    pub resend_webhook_secrets: Option<Secrets>,
    /// Currency, prices and values of the books.
    pub accounting: Accounting,
    /// Which traces are recorded.
    pub tracer: Tracer,
    /// How long an idempotency key stands for its request.
    pub idempotency_keep: Duration,
    /// Most runs of the priorities high and normal that wait for a worker, each: with more, starts are refused; with half of it,
    /// batches. 0: no bound.
    pub intake_backlog: u64,
    /// The same for the priority low, and for all while no worker is alive. 0: no bound.
    pub intake_backlog_low: u64,
    /// How long an operation may take; `?wait` is added to it.
    pub request_timeout: Duration,
    /// Most open connections; more wait to be accepted.
    pub connections: usize,
}

impl Default for ApiOptions {
    fn default() -> Self {
        Self {
            public_url: None,
            trusted_proxies: 0,
            rates: Rates::default(),
            activities: Arc::default(),
            resend_webhook_secrets: None,
            accounting: Accounting::default(),
            tracer: Tracer::default(),
            idempotency_keep: Duration::from_hours(24),
            intake_backlog: 20_000,
            intake_backlog_low: 5_000_000,
            request_timeout: Duration::from_secs(30),
            connections: 10_000,
        }
    }
}
