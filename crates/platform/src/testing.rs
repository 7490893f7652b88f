//! A platform on a temporary database with a clock that a test turns: `TestPlatform::sqlite()`, and the same on Postgres.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
};

use levqor_objects::Folder;
use levqor_processes::Processes;
use levqor_queue::MemoryQueue;
use levqor_store::{
    Clock, IdSource, NewRun, RunId, SqliteStore, Store, StoreError, Tenant, TenantId, Timestamp, WorkflowId,
    postgres::{self, PostgresStore},
};
use uuid::Uuid;

use crate::{Platform, Secrets};

/// A clock that stands until it is turned. It begins at 2026-01-31T12:00:00Z, the end of a month with 31 days.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl Default for ManualClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_769_860_800_000_000))
    }
}

impl ManualClock {
    /// Forward by this long.
    pub fn advance(&self, by: std::time::Duration) {
        self.0
            .fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), SeqCst);
    }

    /// To this time; backwards is not seen by the store.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.0, SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(SeqCst))
    }
}

/// Ids and random bytes that count: the same in every run of a test.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, SeqCst)
    }

    /// 32 bytes that no other call gives.
    pub fn entropy(&self) -> [u8; 32] {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes
    }
}

impl IdSource for Counter {
    fn uuid_v7(&self) -> Uuid {
        let tail = u128::from(self.next());
        Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 | tail)
    }

    fn random(&self) -> u64 {
        self.next().wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// A platform and what a test turns or looks at.
pub struct TestPlatform {
    /// What the code under test gets.
    pub platform: Platform,
    /// The database below it.
    pub store: Arc<dyn Store>,
    /// Time of a SQLite store; Postgres has its own.
    pub clock: Arc<ManualClock>,
    /// A tenant that is there already.
    pub tenant: TenantId,
    _objects: tempfile::TempDir,
}

impl TestPlatform {
    /// On SQLite in a temporary folder.
    ///
    /// # Panics
    /// When the folder or database cannot be made.
    pub async fn sqlite() -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = SqliteStore::open_temporary(clock.clone()).await;
        Self::over(Arc::new(store.expect("a temporary database")), clock)
            .await
            .expect("a tenant")
    }

    /// On an empty Postgres database, which is migrated first.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn postgres(url: &str) -> Result<Self, StoreError> {
        postgres::migrate(url).await?;
        let store = PostgresStore::connect(url, postgres::Options::default()).await?;
        Self::over(Arc::new(store), Arc::default()).await
    }

    /// A run of the tenant, ready at once, that nobody has accepted yet.
    pub fn new_run(&self, workflow: WorkflowId, priority: i16) -> NewRun {
        NewRun {
            id: RunId(self.platform.ids.uuid_v7()),
            tenant: self.tenant,
            workflow,
            priority,
            run_at: None,
            input: b"{}".to_vec(),
            callback_url: None,
            idempotency: None,
            key: None,
            trace: None,
        }
    }

    async fn over(store: Arc<dyn Store>, clock: Arc<ManualClock>) -> Result<Self, StoreError> {
        let ids = Arc::new(Counter::default());
        let objects = tempfile::tempdir().map_err(|error| StoreError::Setup(error.to_string()))?;
        let random = ids.clone();
        let platform = Platform {
            db: store.db(),
            ids: ids.clone(),
            entropy: Arc::new(move || random.entropy()),
            secrets: Some(Secrets::new([7; 32])),
            public_url: Some("https://levqor.test".into()),
            objects: Arc::new(Folder::new(objects.path())),
            operator_mail: Some("ops@levqor.test".into()),
            processes: Processes::new(store.clone(), Arc::new(MemoryQueue::new()), ids),
        };
        let tenant = TenantId(platform.ids.uuid_v7());
        let new = Tenant {
            id: tenant,
            name: "acme".to_owned(),
            plan: "pro".to_owned(),
        };
        store.create_tenant(&new).await?;
        Ok(Self {
            platform,
            store,
            clock,
            tenant,
            _objects: objects,
        })
    }
}
