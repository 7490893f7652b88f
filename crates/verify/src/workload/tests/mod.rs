//! Clients and effect server against real sockets.

mod clients;
mod effects;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{api::Api, context::Context, recorder::Recorder};
use crate::stopwatch::Stopwatch;

/// A context whose API is at `url`.
fn context(url: &str) -> Context {
    Context {
        api: Api::new(vec![url.to_owned()], vec!["key".to_owned()]),
        recorder: Arc::new(Recorder::new(Stopwatch::start())),
        namespace: "verify-test".to_owned(),
        effects: None,
        wall: || 0,
        stop: CancellationToken::new(),
    }
}
