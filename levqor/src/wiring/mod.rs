//! Builds the parts of a role from the configuration.

pub(crate) mod api;
pub(crate) mod metrics;
pub(crate) mod scheduler;
mod side;
mod store;
pub(crate) mod worker;

use std::{sync::Arc, time::Duration};

use levqor_egress::{Egress, Policy};
use levqor_expressions::{Evaluator, HelperCommand};
use levqor_queue::{MemoryQueue, Queue, RedisQueue};
use levqor_scheduler::Signer;
use levqor_store::{IdSource, Store};
use levqor_telemetry::{ErrorReports, LogFormat, Metrics};

use crate::{
    config::{Config, QueueUrl},
    system::SystemIds,
};

pub(crate) use side::serve_side;
pub(crate) use store::{migrate, open, open_temporary};

/// Hidden sub-command that evaluates expressions for its parent.
pub(crate) const EXPRESSION_HELPER: &str = "expression-helper";

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
    _reports: Option<Arc<ErrorReports>>,
}

impl Parts {
    /// Connects what the configuration names. `role` is a label of metrics.
    pub(crate) fn new(config: Config, role: &str, store: Arc<dyn Store>) -> anyhow::Result<Self> {
        let egress = egress(&config);
        let reports = match &config.sentry_dsn {
            Some(dsn) => Some(report_errors(dsn, &config, egress.clone())?),
            None => None,
        };
        let metrics = Metrics::new(role, env!("CARGO_PKG_VERSION"))
            .map_err(|error| anyhow::anyhow!("metrics cannot be set up: {error}"))?;
        Ok(Self {
            queue: queue(&config.queue)?,
            evaluator: evaluator()?,
            signer: config.secret_key.map(Signer::new),
            ids: Arc::new(SystemIds),
            config: Arc::new(config),
            store,
            egress,
            metrics,
            _reports: reports,
        })
    }
}

/// Installs the log subscriber; once, before anything else.
pub(crate) fn logs(config: &Config) -> anyhow::Result<()> {
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

fn egress(config: &Config) -> Egress {
    Egress::new(Policy {
        allow_loopback: config.allow_loopback,
        allow: config.egress_allow.clone(),
        total_timeout: Duration::from_mins(1),
        ..Policy::default()
    })
}

fn queue(url: &QueueUrl) -> anyhow::Result<Arc<dyn Queue>> {
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
