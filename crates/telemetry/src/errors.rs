//! Errors and panics to Sentry, when a DSN is set. The envelope leaves through the egress client.

use std::{sync::Arc, time::Duration};

use levqor_egress::{Egress, Request};
use sentry::{ClientOptions, Envelope, Transport, TransportFactory, TransportOptions, types::Dsn};
use tokio::sync::mpsc;

use crate::scrub::scrub;

/// Reports waiting to be sent; more are dropped, since an error storm must not fill the memory.
const WAITING: usize = 64;

/// Keeps error reporting on as long as it lives.
pub struct ErrorReports {
    _guard: sentry::ClientInitGuard,
}

/// Switches error reporting on. `dsn` is the project's address; errors when it does not parse.
///
/// Must be called inside a tokio runtime, which sends the reports.
pub fn report_errors(
    dsn: &str,
    environment: &str,
    release: &'static str,
    egress: Egress,
) -> Result<ErrorReports, String> {
    let dsn: Dsn = dsn
        .parse()
        .map_err(|error| format!("the Sentry DSN does not parse: {error}"))?;
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(send_all(dsn.clone(), egress, receiver));
    let mut options = ClientOptions::default();
    options.dsn = Some(dsn);
    options.environment = Some(environment.to_owned().into());
    options.release = Some(release.into());
    options.send_default_pii = false;
    options.before_send = Some(Arc::new(|event| Some(scrub(event))));
    options.before_breadcrumb = Some(Arc::new(|_| None));
    options.transport = Some(Arc::new(Factory(sender)));
    Ok(ErrorReports {
        _guard: sentry::init(options),
    })
}

struct Factory(mpsc::Sender<Vec<u8>>);

impl TransportFactory for Factory {
    fn create_transport_with_options(&self, _: TransportOptions) -> Arc<dyn Transport> {
        Arc::new(Channel(self.0.clone()))
    }
}

struct Channel(mpsc::Sender<Vec<u8>>);

impl Transport for Channel {
    fn send_envelope(&self, envelope: Envelope) {
        let mut bytes = Vec::new();
        if envelope.to_writer(&mut bytes).is_ok() && self.0.try_send(bytes).is_err() {
            tracing::debug!("error report dropped: too many are waiting");
        }
    }

    fn flush(&self, timeout: Duration) -> bool {
        let deadline = std::time::Instant::now() + timeout.min(Duration::from_secs(2));
        while self.0.capacity() < WAITING && std::time::Instant::now() < deadline {
            std::thread::yield_now();
        }
        self.0.capacity() == WAITING
    }
}

async fn send_all(dsn: Dsn, egress: Egress, mut envelopes: mpsc::Receiver<Vec<u8>>) {
    while let Some(body) = envelopes.recv().await {
        let request = Request {
            method: "POST".to_owned(),
            url: dsn.envelope_api_url().to_string(),
            headers: vec![
                (
                    "content-type".to_owned(),
                    "application/x-sentry-envelope".to_owned(),
                ),
                (
                    "x-sentry-auth".to_owned(),
                    dsn.to_auth(Some("levqor")).to_string(),
                ),
            ],
            body: Some(body.into()),
            timeout: Some(Duration::from_secs(5)),
            follow_redirects: false,
            idempotency_key: None,
        };
        if let Err(error) = egress.send(request).await {
            tracing::debug!(%error, "error report not sent");
        }
    }
}
