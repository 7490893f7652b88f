//! The operations, one file each: parameters, request, answers, description, handler, tests.

mod activities;
mod events;
mod health;
mod intake;
mod keys;
mod metrics;
mod pages;
mod runs;
mod status;
mod table;
mod tag;
mod webhook_secret;
mod workflows;

use std::sync::Arc;

pub(crate) use health::Readiness;
pub(crate) use table::{Described, RouteTable};
pub(crate) use tag::Tag;

use crate::state::Shared;

/// All operations. A new one is added here and in [`operations`], in the order of its path.
pub(crate) type Operations = (
    (activities::List, events::Create, intake::Create, intake::Batch),
    (keys::List, keys::Create, keys::Revoke),
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
            events::Create(s()),
            intake::Create(s()),
            intake::Batch(s()),
        ),
        (keys::List(s()), keys::Create(s()), keys::Revoke(s())),
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
