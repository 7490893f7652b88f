//! Builds the parts of a role from the configuration.

pub(crate) mod api;
pub(crate) mod metrics;
mod objects;
pub(crate) mod scheduler;
mod side;
mod store;
mod traces;
pub(crate) mod worker;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use levqor_egress::{Egress, Policy};
use levqor_expressions::{Evaluator, HelperCommand};
use levqor_platform::{Platform, Secrets};
use levqor_processes::Processes;
use levqor_queue::{MemoryQueue, Queue, RedisQueue};
use levqor_scheduler::Signer;
use levqor_store::{IdSource, Store};
use levqor_telemetry::{ErrorReports, LogFormat, LogLines, Metrics, TraceExport};
use levqor_trace::Tracer;

use crate::{
    config::{Config, Database, QueueUrl},
    system::{self, SystemIds},
};

pub(crate) use objects::objects;
pub(crate) use side::serve_side;
pub(crate) use store::{Opened, migrate, open, open_at, open_temporary, read, when_it_answers};

/// Hidden sub-command that evaluates expressions for its parent.
pub(crate) const EXPRESSION_HELPER: &str = "expression-helper";

/// How long the end of a process waits for the collector.
const FLUSH: Duration = Duration::from_secs(2);

/// What roles share.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) config: Arc<Config>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) egress: Egress,
    pub(crate) evaluator: Evaluator,
    pub(crate) signer: Option<Signer>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) batches: Arc<metrics::BatchFigures>,
    pub(crate) platform: Platform,
    pub(crate) tracer: Tracer,
    traces: Option<TraceExport>,
    _reports: Option<Arc<ErrorReports>>,
}

impl Parts {
    /// Connects what the configuration names. `role` is a label of metrics.
    pub(crate) async fn new(config: Config, role: &str, store: Arc<dyn Store>) -> anyhow::Result<Self> {
        let egress = egress(&config).await;
        let reports = match &config.sentry_dsn {
            Some(dsn) => Some(report_errors(dsn, &config, egress.clone())?),
            None => None,
        };
        let metrics = Metrics::new(role, env!("CARGO_PKG_VERSION"))
            .map_err(|error| anyhow::anyhow!("metrics cannot be set up: {error}"))?;
        let queue = queue(&config.queue)?;
        when_it_answers(async || levqor_retention::install(&store.db()).await).await?;
        let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
        let traces = traces::export(&config, role, ids.as_ref());
        if let Some(export) = &traces {
            metrics::traces(&metrics, &export.counts());
        }
        Ok(Self {
            tracer: traces::tracer(&config, traces.as_ref()),
            traces,
            platform: platform(&config, &store, &queue, &ids),
            queue,
            evaluator: evaluator()?,
            signer: config.secret_key.map(Signer::new),
            ids,
            config: Arc::new(config),
            store,
            egress,
            batches: metrics::BatchFigures::new(&metrics),
            metrics,
            _reports: reports,
        })
    }

    /// Sends the spans that wait; the process is about to end.
    pub(crate) async fn flush_traces(&self) {
        if let Some(export) = &self.traces {
            export.flush(FLUSH).await;
        }
    }
}

/// What the product's rules stand on, in this process.
pub(crate) fn platform(
    config: &Config,
    store: &Arc<dyn Store>,
    queue: &Arc<dyn Queue>,
    ids: &Arc<dyn IdSource>,
) -> Platform {
    Platform {
        db: store.db(),
        ids: ids.clone(),
        entropy: Arc::new(system::secret_bytes),
        secrets: config.secret_key.map(Secrets::new),
        public_url: config.public_url.as_deref().map(Into::into),
        objects: objects(config),
        operator_mail: config.operator_mail.as_deref().map(Into::into),
        processes: Processes::new(store.clone(), queue.clone(), ids.clone()),
    }
}

/// Installs the log subscriber; once, before anything else. What is returned is dropped last.
pub(crate) fn logs(config: &Config) -> anyhow::Result<LogLines> {
    let format = if config.log_json {
        LogFormat::Json
    } else {
        LogFormat::Text
    };
    levqor_telemetry::init_logs(&config.log, format)
        .map_err(|error| anyhow::anyhow!("log must be directives such as info,levqor_worker=debug: {error}"))
}

fn report_errors(dsn: &str, config: &Config, egress: Egress) -> anyhow::Result<Arc<ErrorReports>> {
    let release = concat!("levqor@", env!("CARGO_PKG_VERSION"));
    let reports = levqor_telemetry::report_errors(dsn, &config.environment, release, egress);
    Ok(Arc::new(reports.map_err(anyhow::Error::msg)?))
}

/// A policy for a client that goes only where the operator wrote: private networks are open to it.
pub(crate) fn operators_policy() -> Policy {
    Policy {
        allow_loopback: true,
        allow: vec![IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())],
        max_redirects: 0,
        ..Policy::default()
    }
}

/// The one client that may leave the machine, under the configured policy.
pub(crate) async fn egress(config: &Config) -> Egress {
    Egress::new(Policy {
        deny_sockets: own_servers(config).await,
        allow_loopback: config.allow_loopback,
        allow: config.egress_allow.clone(),
        total_timeout: Duration::from_mins(1),
        ..Policy::default()
    })
}

/// Our Postgres and Redis: no workflow may talk to them, whatever networks the operator allows.
async fn own_servers(config: &Config) -> Vec<SocketAddr> {
    let mut urls = Vec::new();
    if let Database::Postgres(url) = &config.database {
        urls.push((url, 5432));
    }
    if let QueueUrl::Redis(url) = &config.queue {
        urls.push((url, 6379));
    }
    let mut sockets = Vec::new();
    for (url, port) in urls {
        let Ok(url) = url::Url::parse(url) else { continue };
        let Some(host) = url.host_str() else { continue };
        // A name that does not resolve now fails the connection to the server itself, with a message of its own.
        if let Ok(found) =
            tokio::net::lookup_host((host.trim_matches(['[', ']']), url.port().unwrap_or(port))).await
        {
            sockets.extend(found);
        }
    }
    sockets
}

/// The queue; a server is connected to when it is first used.
pub(crate) fn queue(url: &QueueUrl) -> anyhow::Result<Arc<dyn Queue>> {
    Ok(match url {
        QueueUrl::Redis(url) => Arc::new(RedisQueue::open(url, "levqor")?),
        QueueUrl::Memory => Arc::new(MemoryQueue::new()),
    })
}

fn evaluator() -> anyhow::Result<Evaluator> {
    let helper = HelperCommand {
        program: std::env::current_exe()?,
        args: vec![EXPRESSION_HELPER.into()],
    };
    Ok(Evaluator::new(levqor_expressions::Options::new(helper)))
}
