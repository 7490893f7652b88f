//! The export of traces of the configuration.

use std::sync::Arc;

use levqor_egress::Egress;
use levqor_store::IdSource;
use levqor_telemetry::{Collector, TraceExport, export_traces};
use levqor_trace::Tracer;

use super::operators_policy;
use crate::config::Config;

/// None: no collector is configured, or nothing is to be recorded. Needs a tokio runtime.
pub(super) fn export(config: &Config, role: &str, ids: &dyn IdSource) -> Option<TraceExport> {
    let traces = &config.traces;
    let endpoint = traces.endpoint.as_ref().filter(|_| traces.ratio > 0.0)?;
    let headers = traces.headers.iter();
    let collector = Collector {
        url: endpoint.as_str().to_owned(),
        headers: headers
            .map(|(name, value)| (name.clone(), value.0.clone()))
            .collect(),
        resource: vec![
            ("service.name", "levqor".to_owned()),
            ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
            ("service.instance.id", ids.uuid_v7().to_string()),
            ("deployment.environment.name", config.environment.clone()),
            ("levqor.role", role.to_owned()),
        ],
    };
    Some(export_traces(collector, Egress::new(operators_policy())))
}

/// What decides and records.
pub(super) fn tracer(config: &Config, export: Option<&TraceExport>) -> Tracer {
    export.map_or_else(Tracer::default, |export| {
        Tracer::new(config.traces.ratio, Arc::new(export.clone()))
    })
}
