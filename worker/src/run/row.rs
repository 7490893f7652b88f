//! A run's live row as its owner writes it: append, park, end. One write in flight at a time, each under the fence (P3).

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use levqor_engine::Outcome;
use levqor_store::{
    Append, ClaimedRun, End, EndState, KeyId, NewOutbox, NewSubscription, NewTimer, Park, RetentionClass,
    RunId, TenantId, Timestamp, WriteFate, batch::BatchError,
};
use levqor_trace::TraceContext;
use levqor_workflow::model::Definition;

use super::{
    fault::Fault,
    meter::Meter,
    notice::{self, Notice},
    packed::Packed,
};
use crate::{held::HeldRun, observer::Ended, shared::Shared, trace::Traced};

/// Pause before a write is submitted again that found its batcher full.
const PAUSE: Duration = Duration::from_millis(50);

/// What the worker must know of the row to write it.
pub(super) struct Row<'a> {
    pub(super) shared: &'a Shared,
    pub(super) held: &'a HeldRun,
    pub(super) id: RunId,
    pub(super) tenant: TenantId,
    pub(super) epoch: i32,
    /// The API key that started it.
    pub(super) key: Option<KeyId>,
    /// Its place in a trace that is recorded here.
    pub(super) traced: Option<Traced>,
    /// What others are told of its trace, recorded here or not.
    pub(super) trace: Option<TraceContext>,
    /// What it used so far.
    pub(super) meter: Meter,
    /// When it could be loaded.
    pub(super) definition: Option<Arc<Definition>>,
    seq: i32,
    callback_url: Option<String>,
    created_at: Timestamp,
    packed: Packed,
}

/// Entries not yet committed, as one row, and the messages that leave with them.
#[derive(Debug, Default)]
pub(super) struct Unsaved {
    /// JSON text of an array of entries.
    pub(super) body: Option<Vec<u8>>,
    pub(super) outbox: Vec<NewOutbox>,
}

impl<'a> Row<'a> {
    /// The row as it was claimed.
    pub(super) fn new(shared: &'a Shared, held: &'a HeldRun, claimed: &ClaimedRun) -> Self {
        let mut packed = Packed::new();
        let traced = Traced::of(&shared.options.tracer, claimed);
        for row in claimed.history.iter().chain(&claimed.journal) {
            packed.push(row);
        }
        Self {
            shared,
            held,
            id: claimed.id,
            tenant: claimed.tenant,
            epoch: claimed.epoch,
            key: claimed.key,
            traced,
            trace: traced.map(Traced::segment).or(claimed.trace),
            meter: Meter::default(),
            definition: None,
            seq: claimed.seq,
            callback_url: claimed.callback_url.clone(),
            created_at: claimed.created_at,
            packed,
        }
    }

    /// The DSL version of the document.
    pub(super) fn dsl(&self) -> &str {
        self.definition
            .as_ref()
            .map_or("1.0.0", |definition| &definition.document.dsl)
    }

    /// Whether the document is one of our own processes.
    pub(super) fn is_ours(&self) -> bool {
        let ours =
            |definition: &Arc<Definition>| definition.document.namespace == levqor_processes::NAMESPACE;
        self.definition.as_ref().is_some_and(ours)
    }

    /// `namespace/name:version`.
    pub(super) fn workflow_name(&self) -> Option<String> {
        let document = &self.definition.as_ref()?.document;
        Some(format!(
            "{}/{}:{}",
            document.namespace, document.name, document.version
        ))
    }

    /// What it is worth when it completes, in minor units; None when the tenant's plan is to say. Processes of ours earn
    /// nothing, and neither does a document whose currency is no longer that of the books.
    fn value(&self) -> Option<i64> {
        if self.is_ours() {
            return Some(0);
        }
        let value = self.definition.as_ref()?.document.value.as_ref()?;
        let ours = value.currency == self.shared.options.accounting.currency;
        Some(if ours { value.amount } else { 0 })
    }

    /// How long the ended run is kept, as its document says.
    fn class(&self) -> RetentionClass {
        let asked = self
            .definition
            .as_ref()
            .and_then(|definition| definition.document.retention());
        asked.and_then(RetentionClass::from_name).unwrap_or_default()
    }

    /// Journals entries; the effect they precede may start only when this says `Committed`.
    pub(super) async fn append(&mut self, unsaved: Unsaved) -> Result<WriteFate, Fault> {
        let body = unsaved.body.unwrap_or_else(|| b"[]".to_vec());
        let append = Append {
            run: self.id,
            epoch: self.epoch,
            seq: self.seq,
            body,
            outbox: unsaved.outbox,
        };
        let fate = self
            .commit(|| self.shared.batch.appends.submit(append.clone()))
            .await?;
        if fate == WriteFate::Committed {
            self.seq += 1;
            self.packed.push(&append.body);
            self.shared.stats.appends.increment();
        }
        Ok(fate)
    }

    /// Gives the worker back until a timer or an event.
    pub(super) async fn park(
        &self,
        unsaved: Unsaved,
        timers: Vec<NewTimer>,
        subscriptions: Vec<NewSubscription>,
    ) -> Result<WriteFate, Fault> {
        let park = Park {
            run: self.id,
            epoch: self.epoch,
            seq: self.seq,
            body: unsaved.body,
            inbox: self.held.folded.load(Relaxed),
            timers,
            subscriptions,
            outbox: unsaved.outbox,
        };
        self.commit(|| self.shared.batch.parks.submit(park.clone())).await
    }

    /// Ends the run: its journal is packed, its callback put into the outbox.
    pub(super) async fn end(&self, unsaved: Unsaved, outcome: &Outcome) -> Result<WriteFate, Fault> {
        let notice = Notice::of(outcome).map_err(Fault::corrupt)?;
        let mut outbox = unsaved.outbox;
        if let Some(url) = &self.callback_url {
            let now = self.shared.clock.now();
            let callback = notice::callback(url, self.id, self.workflow_name().as_deref(), &notice, now);
            outbox.push(callback.map_err(Fault::corrupt)?);
        }
        if self.shared.options.report_runs
            && let Some(workflow) = self.workflow_name()
        {
            let now = self.shared.clock.now();
            let result = notice::result(&workflow, &notice, self.epoch, self.created_at, now);
            outbox.push(result.map_err(Fault::corrupt)?);
        }
        let end = End {
            run: self.id,
            epoch: self.epoch,
            seq: self.seq,
            inbox: self.held.folded.load(Relaxed),
            state: notice.state,
            class: self.class(),
            output: notice.output,
            error: notice.error,
            journal: self.packed.whole(unsaved.body.as_deref()),
            outbox,
            usage: self.meter.usage(self.value()),
        };
        let fate = self.commit(|| self.shared.batch.ends.submit(end.clone())).await?;
        if fate == WriteFate::Committed {
            self.ended(end.state);
        }
        Ok(fate)
    }

    /// Tells who listens that the end is committed.
    fn ended(&self, state: EndState) {
        let name = |definition: &Arc<Definition>| {
            let document = &definition.document;
            format!("{}/{}", document.namespace, document.name)
        };
        self.shared.env.observer.ended(&Ended {
            workflow: self.definition.as_ref().map(name).as_deref(),
            state,
            took: self.shared.clock.now().since(self.created_at),
        });
    }

    /// Waits for the write's fate. The batcher repeats it, as it is, for as long as the store is away (P3).
    async fn commit<F>(&self, mut submit: impl FnMut() -> F) -> Result<WriteFate, Fault>
    where
        F: Future<Output = Result<WriteFate, BatchError>>,
    {
        loop {
            match submit().await {
                Ok(fate) => return Ok(fate),
                // Nobody is to do anything any more; this task is about to be dropped.
                Err(BatchError::Closed) => return std::future::pending().await,
                Err(error @ BatchError::Refused(_)) => return Err(Fault::refused(error)),
                // Anything else is the installation's trouble (a rotated password, a missing table), not the run's.
                Err(error) => {
                    self.shared.stats.store_retries.increment();
                    tracing::warn!(run = %self.id, %error, "a write is submitted again");
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
