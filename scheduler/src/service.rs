//! The loop every service runs in.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use levqor_store::StoreError;

use crate::context::Context;

/// How soon a service looks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// There was a full batch: at once.
    Again,
    /// After this long.
    After(Duration),
}

/// Something the leader does over and over.
#[async_trait]
pub(crate) trait Service: Send + 'static {
    /// For logs.
    const NAME: &'static str;

    /// One pass. Errors are logged and the pass is repeated.
    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError>;
}

/// Longest pause after an error.
const ERROR_PAUSE: Duration = Duration::from_secs(1);

/// Runs a service until the term is over.
pub(crate) async fn run<S: Service>(mut service: S, context: Arc<Context>) {
    loop {
        let outcome = tokio::select! {
            () = context.stop.cancelled() => return,
            outcome = service.pass(&context) => outcome,
        };
        let pause = match outcome {
            Ok(Pace::Again) => continue,
            Ok(Pace::After(pause)) => pause,
            Err(StoreError::NotLeader(term)) => {
                tracing::info!(service = S::NAME, term, "term is over");
                context.stop.cancel();
                return;
            }
            Err(error) => {
                tracing::warn!(service = S::NAME, %error, "pass failed");
                ERROR_PAUSE
            }
        };
        tokio::select! {
            () = context.stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
