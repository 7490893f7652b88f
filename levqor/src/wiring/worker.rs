//! The worker role.

use std::sync::Arc;

use levqor_store::{IdSource, Store, StoreError};
use levqor_worker::{Environment, StartError, Worker, WorkerHandle, WorkerOptions};

use super::{Parts, metrics::WorkerFigures};
use crate::{config::Database, system::SystemClock};

/// Starts fetching and running.
pub(crate) async fn start(parts: &Parts) -> Result<WorkerHandle, StartError> {
    let options = WorkerOptions {
        name: format!("pid-{}", std::process::id()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        slots: parts.config.slots,
        activities: parts.config.slots,
        lease: parts.config.worker_lease,
        accounting: parts.config.money.0.clone(),
        tracer: parts.tracer.clone(),
        report_runs: parts.config.notion.databases.get("runs").is_some(),
        // Two seconds of ten; of a short lease less, so that beats of every second still fit into the rest.
        lease_margin: WorkerOptions::default()
            .lease_margin
            .min(parts.config.worker_lease * 3 / 8),
        ..WorkerOptions::default()
    };
    let environment = Environment {
        store: parts.store.clone(),
        beat_store: beat_store(&parts.config.database),
        queue: parts.queue.clone(),
        evaluator: Arc::new(parts.evaluator.clone()),
        egress: parts.egress.clone(),
        ids: parts.ids.clone() as Arc<dyn IdSource>,
        clock: Arc::new(SystemClock),
        platform: parts.platform.clone(),
        observer: Arc::new(WorkerFigures::new(&parts.metrics, parts.batches.clone())),
        registry: levqor_worker::registry(),
    };
    Worker::start(options, environment).await
}

/// Beats come from a runtime of their own, which needs a connection of its own.
fn beat_store(database: &Database) -> Option<levqor_worker::OpenStore> {
    let Database::Postgres(url) = database else {
        return None;
    };
    let url = url.clone();
    Some(Arc::new(move || {
        let url = url.clone();
        Box::pin(async move {
            let store: Arc<dyn Store> = Arc::new(super::store::postgres_for_beats(&url).await?);
            Ok::<_, StoreError>(store)
        })
    }))
}

#[cfg(test)]
mod tests {
    use levqor_processes::{DOCUMENTS, NAMESPACE};
    use levqor_workflow::Known;

    #[test]
    fn every_document_of_ours_calls_activities_that_this_worker_has() {
        let registry = levqor_worker::registry();
        let activities = registry.describe().into_iter().chain(registry.describe_ours());
        let known = Known {
            activities: Some(activities.map(|activity| activity.name.to_owned()).collect()),
            ..Known::default()
        };
        for document in DOCUMENTS {
            let parsed = levqor_workflow::parse(document.text.as_bytes(), &known);
            let parsed = parsed.unwrap_or_else(|problems| panic!("{}: {problems:?}", document.name));
            assert_eq!(parsed.document.namespace, NAMESPACE);
            assert_eq!(parsed.document.name, document.name);
            assert_eq!(parsed.schedule.is_some(), document.system, "{}", document.name);
        }
    }
}
