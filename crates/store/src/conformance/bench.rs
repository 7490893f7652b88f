//! What every check starts with: a fresh tenant, a workflow of it, a registered worker, and short ways to make a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use uuid::Uuid;

use super::check::{Failure, ensure, ensure_eq, some};
use crate::{
    Append, ClaimRequest, ClaimedRun, Delivery, DeliveryFate, End, EndState, InboxKind, IntakeFate, NewRun,
    NewWorkflow, Park, PutFate, Ready, RetentionClass, RunId, RunState, Store, StoreError, Tenant, TenantId,
    Timestamp, WorkerId, WorkerInfo, WorkflowId, WriteFate,
};

/// How long the suite polls for something that only the passing of time brings.
const PATIENCE: Duration = Duration::from_secs(20);

/// Makes ids that sort by making, unlike those of other seeds.
#[derive(Debug)]
pub(super) struct Ids {
    millis: u64,
    next: AtomicU64,
}

impl Ids {
    pub(super) fn new(now: Timestamp) -> Self {
        Self::seeded(now, 0)
    }

    /// Ids unlike those of other seeds below 2^20 on the same store.
    pub(super) fn seeded(now: Timestamp, seed: u64) -> Self {
        let millis = u64::try_from(now.0 / 1_000).unwrap_or(0);
        Self {
            millis,
            next: AtomicU64::new((seed << 40) + 1),
        }
    }

    /// UUIDv7-shaped (RFC 9562 section 5.7): the suite's start in milliseconds, then a counter.
    pub(super) fn uuid(&self) -> Uuid {
        let n = u128::from(self.next.fetch_add(1, Ordering::Relaxed));
        let high = u128::from(self.millis) << 80 | 0x7 << 76;
        Uuid::from_u128(high | 0x2 << 62 | n)
    }
}

/// A tenant of its own on a store that other checks use too.
pub(super) struct Bench {
    pub(super) store: Arc<dyn Store>,
    pub(super) ids: Arc<Ids>,
    pub(super) tenant: TenantId,
    pub(super) workflow: WorkflowId,
    pub(super) worker: WorkerId,
    /// Holds the leader lease for all checks of a room.
    pub(super) leader: WorkerId,
}

impl Bench {
    pub(super) async fn new(store: Arc<dyn Store>, ids: Arc<Ids>, leader: WorkerId) -> Result<Self, Failure> {
        let tenant = TenantId(ids.uuid());
        let plan = "pro".to_owned();
        store
            .create_tenant(&Tenant {
                id: tenant,
                name: tenant.to_string(),
                plan,
            })
            .await?;
        let bench = Self {
            workflow: WorkflowId(ids.uuid()),
            worker: WorkerId(ids.uuid()),
            store,
            ids,
            tenant,
            leader,
        };
        bench.put("work", "1.0.0", bench.workflow, None).await?;
        bench.register(bench.worker).await?;
        Ok(bench)
    }

    /// The same store seen by another, new tenant.
    pub(super) async fn neighbour(&self) -> Result<Self, Failure> {
        Self::new(Arc::clone(&self.store), Arc::clone(&self.ids), self.leader).await
    }

    pub(super) fn run_id(&self) -> RunId {
        RunId(self.ids.uuid())
    }

    pub(super) fn token(&self) -> Uuid {
        self.ids.uuid()
    }

    pub(super) async fn register(&self, worker: WorkerId) -> Result<(), StoreError> {
        let info = WorkerInfo {
            name: "conformance".to_owned(),
            slots: 8,
            version: "0".to_owned(),
        };
        self.store.register_worker(worker, &info).await
    }

    /// A new, registered worker.
    pub(super) async fn other_worker(&self) -> Result<WorkerId, StoreError> {
        let worker = WorkerId(self.ids.uuid());
        self.register(worker).await?;
        Ok(worker)
    }

    pub(super) async fn put(
        &self,
        name: &str,
        version: &str,
        id: WorkflowId,
        schedule: Option<(String, Timestamp)>,
    ) -> Result<PutFate, StoreError> {
        let document = format!(r#"{{"name":"{name}","version":"{version}"}}"#);
        let mut hash = [0; 32];
        hash.iter_mut()
            .zip(document.bytes().rev())
            .for_each(|(to, from)| *to = from);
        let workflow = NewWorkflow {
            id,
            tenant: self.tenant,
            namespace: "suite".to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            hash,
            document: document.into_bytes(),
            schedule,
        };
        self.store.put_workflow(&workflow).await
    }

    /// A run to accept: normal priority, no key, due at once.
    pub(super) fn new_run(&self) -> NewRun {
        NewRun {
            id: self.run_id(),
            tenant: self.tenant,
            workflow: self.workflow,
            priority: 1,
            run_at: None,
            input: br#"{"a":1}"#.to_vec(),
            callback_url: None,
            idempotency: None,
            key: None,
            trace: None,
        }
    }

    pub(super) async fn intake_one(&self, run: &NewRun) -> Result<IntakeFate, Failure> {
        let fates = self.store.intake(self.token(), std::slice::from_ref(run)).await?;
        ensure_eq!(fates.len(), 1, "fates of an intake of one");
        Ok(fates[0].clone())
    }

    /// `count` accepted runs, in the order of their ids.
    pub(super) async fn accept(&self, count: usize) -> Result<Vec<RunId>, Failure> {
        let runs: Vec<_> = (0..count).map(|_| self.new_run()).collect();
        let fates = self.store.intake(self.token(), &runs).await?;
        ensure_eq!(
            fates,
            vec![IntakeFate::Accepted { ready: true }; count],
            "fates of new runs"
        );
        Ok(runs.iter().map(|run| run.id).collect())
    }

    pub(super) async fn accept_one(&self) -> Result<RunId, Failure> {
        let run = self.new_run();
        let fate = self.intake_one(&run).await?;
        ensure_eq!(fate, IntakeFate::Accepted { ready: true }, "fate of a new run");
        Ok(run.id)
    }

    /// Claims as `worker`; None when the hint won nothing.
    pub(super) async fn try_claim(
        &self,
        worker: WorkerId,
        run: RunId,
        epoch: i32,
    ) -> Result<Option<ClaimedRun>, StoreError> {
        let wanted = ClaimRequest {
            run,
            epoch,
            token: self.token(),
        };
        Ok(self.store.claim(worker, &[wanted]).await?.into_iter().next())
    }

    pub(super) async fn claim(&self, run: RunId, epoch: i32) -> Result<ClaimedRun, Failure> {
        let claimed = self.try_claim(self.worker, run, epoch).await?;
        Ok(some!(claimed, "a claim of run {run} at epoch {epoch}"))
    }

    /// A run accepted and claimed: epoch 1, seq 0, inbox 0.
    pub(super) async fn running(&self) -> Result<RunId, Failure> {
        let run = self.accept_one().await?;
        self.claim(run, 0).await?;
        Ok(run)
    }

    pub(super) async fn append(&self, append: &Append) -> Result<WriteFate, Failure> {
        one(self.store.append(std::slice::from_ref(append)).await?)
    }

    pub(super) async fn park(&self, park: &Park) -> Result<WriteFate, Failure> {
        one(self.store.park(std::slice::from_ref(park)).await?)
    }

    pub(super) async fn end(&self, end: &End) -> Result<WriteFate, Failure> {
        one(self.store.end(std::slice::from_ref(end)).await?)
    }

    /// A run that waits: accepted, claimed, parked at epoch 1 with what `shape` adds.
    pub(super) async fn waiting(&self, shape: impl FnOnce(&mut Park)) -> Result<RunId, Failure> {
        let run = self.running().await?;
        let mut park = park(run, 1, 0, 0);
        shape(&mut park);
        ensure_eq!(
            self.park(&park).await?,
            WriteFate::Committed,
            "parking a fresh run"
        );
        Ok(run)
    }

    /// Delivers one cancel request.
    pub(super) async fn cancel(&self, run: RunId) -> Result<DeliveryFate, Failure> {
        let delivery = self.delivery(run, br#"{"who":"a"}"#);
        let fates = self.store.deliver(self.token(), &[delivery]).await?;
        ensure_eq!(fates.len(), 1, "fates of one delivery");
        Ok(fates[0].clone())
    }

    pub(super) fn delivery(&self, run: RunId, body: &[u8]) -> Delivery {
        Delivery {
            tenant: self.tenant,
            run,
            kind: InboxKind::Cancel,
            body: body.to_vec(),
        }
    }

    pub(super) async fn state(&self, run: RunId) -> Result<RunState, Failure> {
        let view = some!(self.store.run(self.tenant, run).await?, "run {run}");
        Ok(view.state)
    }

    /// Whether the relay would offer this run at this epoch.
    pub(super) async fn is_ready(&self, run: RunId, epoch: i32) -> Result<bool, Failure> {
        let before = RunId(Uuid::from_u128(run.0.as_u128() - 1));
        let ready = self.store.ready(1, Some(before), 1).await?;
        if !ready.is_empty() {
            ensure!(
                self.store.any_ready().await?,
                "{ready:?} and none is ready at all"
            );
        }
        Ok(ready.first()
            == Some(&Ready {
                run,
                epoch,
                priority: 1,
            }))
    }

    /// How many inbox rows the next claim of a running run brings, after its release.
    pub(super) async fn claimed_inbox(&self, run: RunId) -> Result<usize, Failure> {
        self.store.release(&[(run, 1)]).await?;
        Ok(self.claim(run, 1).await?.inbox.len())
    }

    /// The term this suite leads under.
    pub(super) async fn term(&self) -> Result<i64, Failure> {
        let term = self.store.lead(self.leader, Duration::from_hours(1)).await?;
        Ok(some!(term, "the leader lease"))
    }

    /// Fires due timers until there are none; what there is to ring of this check's runs is up to the caller.
    pub(super) async fn fire_all(&self) -> Result<Vec<Ready>, Failure> {
        let term = self.term().await?;
        let mut fired = Vec::new();
        loop {
            let some = self.store.fire_timers(term, 100).await?;
            if some.is_empty() {
                return Ok(fired);
            }
            fired.extend(some);
        }
    }

    /// Asks again until `probe` gives a value; only for what comes with time and by no event.
    pub(super) async fn eventually<T>(
        &self,
        what: &str,
        mut probe: impl AsyncFnMut() -> Result<Option<T>, Failure>,
    ) -> Result<T, Failure> {
        let start = self.store.now().await?;
        loop {
            if let Some(value) = probe().await? {
                return Ok(value);
            }
            if self.store.now().await?.since(start) > PATIENCE {
                return Err(Failure(format!("{what} did not come within {PATIENCE:?}")));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn one(fates: Vec<WriteFate>) -> Result<WriteFate, Failure> {
    ensure_eq!(fates.len(), 1, "fates of a write of one");
    Ok(fates.into_iter().next().unwrap_or(WriteFate::Fenced))
}

/// An append of one entry that names its place.
pub(super) fn append(run: RunId, epoch: i32, seq: i32) -> Append {
    Append {
        run,
        epoch,
        seq,
        body: format!(r#"[{{"e":{epoch},"s":{seq}}}]"#).into_bytes(),
        outbox: vec![],
    }
}

/// A park without journal, timers or subscriptions.
pub(super) fn park(run: RunId, epoch: i32, seq: i32, inbox: i32) -> Park {
    Park {
        run,
        epoch,
        seq,
        body: None,
        inbox,
        timers: vec![],
        subscriptions: vec![],
        outbox: vec![],
    }
}

/// A completed end.
pub(super) fn end(run: RunId, epoch: i32, seq: i32, inbox: i32) -> End {
    End {
        run,
        epoch,
        seq,
        inbox,
        state: EndState::Completed,
        class: RetentionClass::Standard,
        output: Some(br#"{"ok":true}"#.to_vec()),
        error: None,
        journal: br#"[{"done":1}]"#.to_vec(),
        outbox: vec![],
        usage: crate::Usage::default(),
    }
}
