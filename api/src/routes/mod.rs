//! The operations, one file each: parameters, request, answers, description, handler, tests.

mod activities;
mod audit;
mod autoscaler;
mod billing;
mod budgets;
mod consent;
mod dsar;
mod events;
mod health;
mod intake;
mod keys;
mod ledger;
mod legal_holds;
mod mail;
mod metrics;
mod pages;
mod reports;
mod retention;
mod runs;
mod service_status;
mod status;
mod stripe;
mod table;
mod tag;
mod users;
mod webhook_secret;
mod workflows;

use std::sync::Arc;

pub(crate) use health::Readiness;
pub(crate) use service_status::ServiceStatus;
pub(crate) use table::{Described, RouteTable};
pub(crate) use tag::Tag;

use crate::state::Shared;

/// All operations. A new one is added here and in [`operations`], in the order of its path.
pub(crate) type Operations = (
    (
        activities::List,
        audit::List,
        autoscaler::Get,
        events::Create,
        intake::Create,
        intake::Batch,
    ),
    billing::Operations,
    budgets::Operations,
    consent::Operations,
    dsar::Operations,
    (keys::List, keys::Create, keys::Revoke),
    ledger::Operations,
    legal_holds::Operations,
    mail::Operations,
    (reports::List, reports::Create, reports::Get, reports::File),
    retention::Operations,
    (
        runs::List,
        runs::Get,
        runs::Cancel,
        runs::Explain,
        runs::Journal,
        status::Get,
        webhook_secret::Get,
    ),
    (
        users::List,
        users::Upsert,
        users::Me,
        users::Get,
        users::Patch,
        users::AcceptTerms,
        users::IssueToken,
        users::RevokeTokens,
        users::RevokeToken,
    ),
    (
        workflows::List,
        workflows::Create,
        workflows::Validate,
        workflows::GetLatest,
        workflows::GetVersion,
    ),
    (
        health::Health,
        health::Live,
        health::Ready,
        service_status::Get,
        service_status::StatusPage,
        metrics::Public,
        metrics::Prometheus,
    ),
    (
        pages::Index,
        pages::Document,
        pages::Docs,
        pages::Asset,
        pages::ErrorCode,
    ),
);

/// The operations over a running API.
pub(crate) fn operations(shared: &Arc<Shared>) -> Operations {
    let s = || Arc::clone(shared);
    (
        (
            activities::List(s()),
            audit::List(s()),
            autoscaler::Get(s()),
            events::Create(s()),
            intake::Create(s()),
            intake::Batch(s()),
        ),
        billing::operations(shared),
        budgets::operations(shared),
        consent::operations(shared),
        dsar::operations(shared),
        (keys::List(s()), keys::Create(s()), keys::Revoke(s())),
        ledger::operations(shared),
        legal_holds::operations(shared),
        mail::operations(shared),
        (
            reports::List(s()),
            reports::Create(s()),
            reports::Get(s()),
            reports::File(s()),
        ),
        retention::operations(shared),
        (
            runs::List(s()),
            runs::Get(s()),
            runs::Cancel(s()),
            runs::Explain(s()),
            runs::Journal(s()),
            status::Get(s()),
            webhook_secret::Get(s()),
        ),
        (
            users::List(s()),
            users::Upsert(s()),
            users::Me(s()),
            users::Get(s()),
            users::Patch(s()),
            users::AcceptTerms(s()),
            users::IssueToken(s()),
            users::RevokeTokens(s()),
            users::RevokeToken(s()),
        ),
        (
            workflows::List(s()),
            workflows::Create(s()),
            workflows::Validate(s()),
            workflows::GetLatest(s()),
            workflows::GetVersion(s()),
        ),
        (
            health::Health(s()),
            health::Live(s()),
            health::Ready(s()),
            service_status::Get(s()),
            service_status::StatusPage(s()),
            metrics::Public(s()),
            metrics::Prometheus(s()),
        ),
        (
            pages::Index,
            pages::Document,
            pages::Docs,
            pages::Asset,
            pages::ErrorCode,
        ),
    )
}
