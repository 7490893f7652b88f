//! An API of its own for each test.

use std::sync::{Arc, atomic::Ordering::SeqCst};

use levqor_api::{ActivityInfo, ApiOptions, ApiState, ProcessClock, Rates, Secret, app};
use levqor_billing::{Stripe, WebhookSecret};
use levqor_mail::webhook::Secrets as MailSecrets;
use levqor_objects::Folder;
use levqor_platform::{Platform, Secrets};
use levqor_processes::Processes;
use levqor_queue::Queue;
use levqor_store::{
    ApiKey, Catalogue, Clock, IdSource, KeyId, SqliteStore, Store, Tenant, TenantId, Timestamp,
    batch::{Deliveries, Intake},
};
use poem::{EndpointExt, Response, endpoint::BoxEndpoint};
use serde_json::json;

use super::{
    clock::ManualClock,
    fixtures::{Counter, TestQueue},
    looks::Looks,
    portal::TestPortal,
    user::User,
    worker::Worker,
};

/// The mail provider's webhook is signed with it.
pub(crate) const MAIL_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Decides what the API is like before it starts.
pub(crate) struct Builder {
    options: ApiOptions,
    signs: bool,
    stripe: bool,
    metrics: fn() -> String,
}

impl Builder {
    pub(crate) fn rates(mut self, rates: Rates) -> Self {
        self.options.rates = rates;
        self
    }

    pub(crate) fn public_url(mut self, url: &str) -> Self {
        self.options.public_url = Some(url.into());
        self
    }

    pub(crate) fn trusted_proxies(mut self, proxies: usize) -> Self {
        self.options.trusted_proxies = proxies;
        self
    }

    /// Bounds of what may wait for a worker: of high and normal, and of low.
    pub(crate) fn backlog(mut self, bound: u64, low: u64) -> Self {
        self.options.intake_backlog = bound;
        self.options.intake_backlog_low = low;
        self
    }

    /// Without a secret key.
    pub(crate) fn unsigned(self) -> Self {
        Self { signs: false, ..self }
    }

    /// Without anything from Stripe.
    pub(crate) fn without_stripe(self) -> Self {
        Self {
            stripe: false,
            ..self
        }
    }

    /// Without the secret of the mail provider's webhook.
    pub(crate) fn without_mail_secret(mut self) -> Self {
        self.options.resend_webhook_secrets = None;
        self
    }

    pub(crate) fn metrics(self, metrics: fn() -> String) -> Self {
        Self { metrics, ..self }
    }

    pub(crate) async fn start(self) -> TestApp {
        let clock = Arc::new(ManualClock::default());
        let store = Arc::new(
            SqliteStore::open_temporary(Arc::clone(&clock) as Arc<dyn Clock>)
                .await
                .unwrap(),
        );
        let (queue, ids) = (Arc::new(TestQueue::default()), Arc::new(Counter::default()));
        let shared_store: Arc<dyn Store> = Arc::clone(&store) as _;
        let shared_ids: Arc<dyn IdSource> = Arc::clone(&ids) as _;
        let entropy = Arc::clone(&ids);
        let objects = tempfile::tempdir().unwrap();
        let random = Arc::clone(&ids);
        let platform = Platform {
            db: shared_store.db(),
            ids: Arc::clone(&shared_ids),
            entropy: Arc::new(move || random.entropy()),
            secrets: self.signs.then(|| Secrets::new([7; 32])),
            public_url: self.options.public_url.as_deref().map(Into::into),
            objects: Arc::new(Folder::new(objects.path())),
            operator_mail: None,
            processes: Processes::new(
                Arc::clone(&shared_store),
                Arc::clone(&queue) as _,
                Arc::clone(&shared_ids),
            ),
        };
        let portal = Arc::new(TestPortal::default());
        let looks = Arc::new(Looks::default());
        let state = ApiState {
            store: Arc::clone(&shared_store),
            queue: Arc::clone(&queue) as Arc<dyn Queue>,
            intake: Intake::over(Arc::clone(&shared_store), Arc::clone(&shared_ids), Arc::new(())),
            deliveries: Deliveries::over(shared_store, Arc::clone(&shared_ids), Arc::new(())),
            ids: shared_ids,
            clock: Arc::clone(&clock) as Arc<dyn ProcessClock>,
            entropy: Arc::new(move || entropy.entropy()),
            webhook_secret: self.signs.then(|| Arc::new(webhook_secret) as _),
            observer: Arc::clone(&looks) as _,
            metrics: Arc::new(self.metrics),
            platform,
            stripe: if self.stripe {
                stripe(&portal)
            } else {
                Stripe::default()
            },
            options: self.options,
        };
        let endpoint = Arc::new(app(state.clone()).boxed());
        TestApp {
            endpoint,
            state,
            store,
            queue,
            clock,
            ids,
            looks,
            portal,
            _objects: objects,
        }
    }
}

/// Two secrets, as while one is rolled, and a portal.
fn stripe(portal: &Arc<TestPortal>) -> Stripe {
    Stripe {
        webhook_secrets: ["whsec_old", "whsec_test"].map(WebhookSecret::new).into(),
        portal: Some(Arc::clone(portal) as _),
    }
}

/// Another for each tenant.
fn webhook_secret(tenant: TenantId) -> String {
    format!("whsec_{tenant}")
}

/// A running API.
pub(crate) struct TestApp {
    pub(crate) endpoint: Arc<BoxEndpoint<'static, Response>>,
    pub(crate) state: ApiState,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) queue: Arc<TestQueue>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<Counter>,
    pub(crate) looks: Arc<Looks>,
    pub(crate) portal: Arc<TestPortal>,
    _objects: tempfile::TempDir,
}

impl TestApp {
    /// Anonymous callers are not limited, unless the test says so.
    pub(crate) fn builder() -> Builder {
        let rates = Rates {
            anonymous_address: 100_000,
            anonymous_total: 100_000,
            ..Rates::default()
        };
        let activities = vec![ActivityInfo {
            name: "test.noop".into(),
            description: "Does nothing.".into(),
            input: json!({"type": "object"}),
            output: json!({}),
        }];
        let options = ApiOptions {
            rates,
            activities: Arc::new(activities),
            resend_webhook_secrets: MailSecrets::parse(MAIL_SECRET).ok(),
            ..ApiOptions::default()
        };
        Builder {
            options,
            signs: true,
            stripe: true,
            metrics: || "levqor_test 1\n".to_owned(),
        }
    }

    pub(crate) async fn start() -> Self {
        Self::builder().start().await
    }

    /// Somebody without a key.
    pub(crate) fn anonymous(&self) -> User {
        User::new(Arc::clone(&self.endpoint), None)
    }

    /// Somebody of a new tenant with a key.
    pub(crate) async fn tenant(&self, name: &str, plan: &str) -> User {
        let tenant = Tenant {
            id: TenantId(self.ids.uuid_v7()),
            name: name.into(),
            plan: plan.into(),
        };
        self.store.create_tenant(&tenant).await.unwrap();
        let secret = Secret::from_bytes(self.ids.entropy());
        let key = ApiKey {
            id: KeyId(self.ids.uuid_v7()),
            tenant: tenant.id,
            name: "first".into(),
            hash: secret.hash,
            prefix: secret.prefix,
            plan: tenant.plan,
            created_at: Timestamp(0),
            revoked_at: None,
        };
        self.store.create_key(&key).await.unwrap();
        self.with_key(&secret.text)
    }

    /// Somebody with this secret.
    pub(crate) fn with_key(&self, secret: &str) -> User {
        User::new(Arc::clone(&self.endpoint), Some(secret.to_owned()))
    }

    /// The person with this address, of the tenant that `user` has a key of, by a token.
    pub(crate) async fn signed_in(&self, user: &User, email: &str) -> User {
        let known = user.post("/api/v1/users/upsert", json!({"email": email})).await;
        let path = format!("/api/v1/users/{}/tokens", known.at("/user/id").as_str().unwrap());
        let issued = user.post(&path, json!({})).await.expect(201);
        self.with_key(&issued.text("token"))
    }

    /// A worker of the store.
    pub(crate) async fn worker(&self) -> Worker {
        Worker::start(Arc::clone(&self.store), self.ids.uuid_v7()).await
    }

    /// From now on the queue fails, or works again.
    pub(crate) fn break_queue(&self, broken: bool) {
        self.queue.broken.store(broken, SeqCst);
    }
}
