//! Does to runs what a worker does, through the store.

use std::sync::Arc;

use levqor_store::{
    ClaimRequest, End, EndState, NewSubscription, Park, RetentionClass, RunId, SqliteStore, WorkerId,
    WorkerInfo, WorkerStore, WriteFate,
};
use uuid::Uuid;

pub(crate) struct Worker {
    store: Arc<SqliteStore>,
    id: WorkerId,
}

impl Worker {
    pub(crate) async fn start(store: Arc<SqliteStore>, id: Uuid) -> Self {
        let id = WorkerId(id);
        let info = WorkerInfo {
            name: "test".into(),
            slots: 4,
            version: "0".into(),
        };
        store.register_worker(id, &info).await.unwrap();
        Self { store, id }
    }

    /// Takes a run at this epoch; the epoch it is now held under.
    pub(crate) async fn claim(&self, run: &str, epoch: i32) -> i32 {
        let run: RunId = run.parse().unwrap();
        let wanted = ClaimRequest {
            run,
            epoch,
            token: Uuid::from_u128(run.0.as_u128() ^ 1),
        };
        self.store
            .claim(self.id, &[wanted])
            .await
            .unwrap()
            .pop()
            .unwrap()
            .epoch
    }

    /// Tells the store how many runs it holds.
    pub(crate) async fn busy(&self, runs: i32) {
        assert!(self.store.beat(self.id, runs).await.unwrap());
    }

    /// Takes a run and ends it.
    pub(crate) async fn end(&self, run: &str, state: EndState, json: &str) {
        let epoch = self.claim(run, 0).await;
        self.end_claimed(run, epoch, state, json).await;
    }

    /// Ends a run it holds.
    pub(crate) async fn end_claimed(&self, run: &str, epoch: i32, state: EndState, json: &str) {
        let text = Some(json.as_bytes().to_vec());
        let (output, error) = if state == EndState::Completed {
            (text, None)
        } else {
            (None, text)
        };
        let end = End {
            run: run.parse().unwrap(),
            epoch,
            seq: 0,
            inbox: 0,
            state,
            class: RetentionClass::Standard,
            output,
            error,
            journal: b"[]".to_vec(),
            outbox: Vec::new(),
            usage: levqor_store::Usage::default(),
        };
        assert_eq!(self.store.end(&[end]).await.unwrap(), [WriteFate::Committed]);
    }

    /// Parks a run it holds, listening for events of a type.
    pub(crate) async fn listen(&self, run: &str, epoch: i32, event_type: &str, journal: &str) {
        let park = Park {
            run: run.parse().unwrap(),
            epoch,
            seq: 0,
            body: Some(journal.as_bytes().to_vec()),
            inbox: 0,
            timers: Vec::new(),
            subscriptions: vec![NewSubscription {
                event_type: Some(event_type.into()),
                source: None,
            }],
            outbox: Vec::new(),
        };
        assert_eq!(self.store.park(&[park]).await.unwrap(), [WriteFate::Committed]);
    }
}
