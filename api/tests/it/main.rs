//! The API over an embedded store, without a network: each route's success and failures, as a caller sees them.
//! Every answer is held against the OpenAPI document (see `support::contract`).

#![expect(clippy::unwrap_used, reason = "tests")]

mod activities;
mod audit;
mod auth;
mod autoscaler;
mod backlog;
mod batch;
mod batch_stream;
mod billing;
mod budgets;
mod consent;
mod data_requests;
mod document;
mod events;
mod hostile_schemas;
mod intake;
mod isolation;
mod keys;
mod ledger;
mod limits;
mod mail;
mod malformed;
mod outage;
mod reports;
mod retention;
mod runs;
mod server;
mod service;
mod service_status;
mod support;
mod user_tokens;
mod users;
mod webhook_secret;
mod workflows;
