//! Errors and panics to Sentry, when a DSN is set. The envelope leaves through the egress client.

use std::{sync::Arc, time::Duration};

use levqor_egress::{Egress, Request};
use sentry::{ClientOptions, Envelope, Transport, TransportFactory, TransportOptions, types::Dsn};
use tokio::sync::mpsc;
use tracing::{
    Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

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

/// Makes an error report of every log line at ERROR: its target and message, and as tags those of [`TAGS`]. Other
/// fields stay here, since they may name people. Without [`report_errors`] nothing leaves.
pub(crate) struct ErrorLines;

/// Fields that say where to look and name nobody: ids, and names of documents.
const TAGS: [&str; 3] = ["run", "workflow", "tenant"];

impl<S: Subscriber> Layer<S> for ErrorLines {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() == tracing::Level::ERROR {
            let mut line = Line::default();
            event.record(&mut line);
            let text = format!("{}: {}", event.metadata().target(), line.message);
            let tag = |scope: &mut sentry::Scope| {
                for (name, value) in &line.tags {
                    scope.set_tag(name, value);
                }
            };
            sentry::with_scope(tag, || sentry::capture_message(&text, sentry::Level::Error));
        }
    }
}

/// What leaves of a log line.
#[derive(Default)]
struct Line {
    message: String,
    tags: Vec<(&'static str, String)>,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else if TAGS.contains(&field.name()) {
            self.tags.push((field.name(), format!("{value:?}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// Keeps what would leave.
    #[derive(Default)]
    struct Kept(Mutex<Vec<String>>);

    impl Transport for Kept {
        fn send_envelope(&self, envelope: Envelope) {
            let mut bytes = Vec::new();
            envelope.to_writer(&mut bytes).unwrap();
            self.0.lock().unwrap().push(String::from_utf8(bytes).unwrap());
        }
    }

    #[test]
    fn an_error_line_leaves_with_its_message_and_run_and_without_other_fields() {
        let kept = Arc::new(Kept::default());
        let mut options = ClientOptions::default();
        options.dsn = Some("https://key@sentry.example/1".parse().unwrap());
        options.before_send = Some(Arc::new(|event| Some(scrub(event))));
        options.transport = Some(Arc::new(kept.clone()));
        let hub = Arc::new(sentry::Hub::new(Some(Arc::new(options.into())), Arc::default()));
        let subscriber = tracing_subscriber::registry().with(ErrorLines);
        sentry::Hub::run(hub, || {
            tracing::subscriber::with_default(subscriber, || {
                tracing::warn!("not this one");
                tracing::error!(who = "ada@example.org", workflow = "shop/order", run = %7, "the disk is full");
            });
        });
        let sent = kept.0.lock().unwrap();
        assert_eq!(sent.len(), 1);
        assert!(
            sent[0].contains("the disk is full")
                && sent[0].contains(r#""run":"7""#)
                && sent[0].contains(r#""workflow":"shop/order""#)
                && !sent[0].contains("ada@"),
            "{}",
            sent[0]
        );
    }
}
