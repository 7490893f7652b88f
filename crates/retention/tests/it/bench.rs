//! A platform with old rows in it.

use std::time::Duration;

use levqor_accounts::{Email, NewUser};
use levqor_entities::{
    ids::{MailId, SweepId},
    mails, reports, retention_certificates,
};
use levqor_objects::Key;
use levqor_platform::{Platform, testing::TestPlatform};
use levqor_processes::SYSTEM;
use levqor_retention::{Certificate, Certified, Pace, Report, begin, certify, install, sweep, verify};
use levqor_store::{Tenant, TenantId, Timestamp, UserId};
use levqor_testkit::Postgres;
use sea_orm::{ActiveValue::Set, ColumnTrait, Insert, PaginatorTrait, QueryFilter, QueryOrder};

/// An hour: longer than any test.
pub(crate) const LONG: Duration = Duration::from_hours(1);

const DAY: i64 = 86_400_000_000;

pub(crate) struct Bench {
    pub(crate) test: TestPlatform,
    /// The other tenant.
    pub(crate) neighbour: TenantId,
}

impl Bench {
    pub(crate) async fn sqlite() -> Self {
        Self::over(TestPlatform::sqlite().await).await
    }

    pub(crate) async fn postgres() -> Self {
        let url = Postgres::shared().await.unwrap().create_database().await.unwrap();
        Self::over(TestPlatform::postgres(&url).await.unwrap()).await
    }

    async fn over(test: TestPlatform) -> Self {
        install(&test.platform.db).await.unwrap();
        let neighbour = TenantId(test.platform.ids.uuid_v7());
        for (id, name) in [(neighbour, "neighbour"), (SYSTEM, "levqor")] {
            let tenant = Tenant {
                id,
                name: name.to_owned(),
                plan: "pro".to_owned(),
            };
            test.store.create_tenant(&tenant).await.unwrap();
        }
        Self { test, neighbour }
    }

    pub(crate) fn platform(&self) -> &Platform {
        &self.test.platform
    }

    pub(crate) fn tenant(&self) -> TenantId {
        self.test.tenant
    }

    pub(crate) fn id(&self) -> SweepId {
        SweepId(self.platform().ids.uuid_v7())
    }

    /// So many mails of a tenant to an address, which were sent so many days ago.
    pub(crate) async fn mails(&self, tenant: TenantId, to: &str, count: usize, days: i64) {
        let now = self.platform().db.now().await.unwrap();
        let sent = Timestamp(now.0 - days * DAY);
        let tx = self.platform().db.begin().await.unwrap();
        let rows: Vec<_> = (0..count).map(|_| self.mail(tenant, to, sent)).collect();
        for chunk in rows.chunks(500) {
            Insert::many(chunk.to_vec())
                .exec_without_returning(&*tx)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    }

    fn mail(&self, tenant: TenantId, to: &str, sent: Timestamp) -> mails::ActiveModel {
        let id = self.platform().ids.uuid_v7();
        mails::ActiveModel {
            tenant_id: Set(tenant),
            id: Set(MailId(id)),
            key: Set(id.to_string()),
            recipient: Set(to.to_owned()),
            user_id: Set(None),
            kind: Set(mails::Kind::Transactional),
            scope: Set(None),
            unsubscribe: Set(None),
            template: Set("test".to_owned()),
            subject: Set("Test".to_owned()),
            text: Set(None),
            html: Set(None),
            attachments: Set("[]".to_owned()),
            state: Set(mails::State::Sent),
            attempts: Set(1),
            due: Set(sent),
            reason: Set(None),
            provider_id: Set(None),
            created_at: Set(sent),
            ended_at: Set(Some(sent)),
            delivered_at: Set(None),
            bounced_at: Set(None),
            complained_at: Set(None),
        }
    }

    /// Mails that a tenant still has.
    pub(crate) async fn left(&self, tenant: TenantId) -> u64 {
        mails::secure_find(tenant)
            .count(self.platform().db.reader())
            .await
            .unwrap()
    }

    /// Mails to an address that a tenant still has.
    pub(crate) async fn left_to(&self, tenant: TenantId, to: &str) -> u64 {
        let found = mails::secure_find(tenant).filter(mails::Column::Recipient.eq(to));
        found.count(self.platform().db.reader()).await.unwrap()
    }

    /// A person of the tenant.
    pub(crate) async fn person(&self, email: &str) -> UserId {
        let new = NewUser::from(Email::parse(email).unwrap());
        levqor_accounts::upsert(self.platform(), self.tenant(), new)
            .await
            .unwrap()
            .user
            .id
    }

    /// A report that is so many days old, with its file.
    pub(crate) async fn report(&self, days: i64) -> Key {
        let now = self.platform().db.now().await.unwrap();
        let made = Timestamp(now.0 - days * DAY);
        let id = self.platform().ids.uuid_v7();
        let key = Key::new(format!("reports/{id}.pdf")).unwrap();
        self.platform().objects.put(&key, "%PDF".into()).await.unwrap();
        let row = reports::ActiveModel {
            tenant_id: Set(self.tenant()),
            id: Set(levqor_entities::ids::ReportId(id)),
            key: Set(id.to_string()),
            kind: Set(reports::Kind::Operations),
            period_from: Set(made),
            period_to: Set(made),
            mail_to: Set(None),
            state: Set(reports::State::Ready),
            created_at: Set(made),
            ready_at: Set(Some(made)),
            pages: Set(Some(1)),
            size: Set(Some(4)),
            sha256: Set(None),
        };
        let tx = self.platform().db.begin().await.unwrap();
        Insert::one(row).exec_without_returning(&*tx).await.unwrap();
        tx.commit().await.unwrap();
        key
    }

    /// A whole sweep without pauses.
    pub(crate) async fn sweep(&self) -> Certified {
        let id = self.id();
        for dataset in begin(self.platform(), id, LONG).await.unwrap() {
            let swept = sweep(self.platform(), id, dataset, &Pace::FAST, |_| true)
                .await
                .unwrap();
            assert!(swept.complete, "{dataset}");
        }
        certify(self.platform(), id).await.unwrap()
    }

    /// The check of all certificates.
    pub(crate) async fn verify(&self) -> Report {
        let secrets = self.platform().secrets("test").unwrap();
        verify(&self.platform().db, secrets).await.unwrap()
    }

    /// The bodies of a tenant's certificates, oldest first.
    pub(crate) async fn certificates(&self, tenant: TenantId) -> Vec<Certificate> {
        let found =
            retention_certificates::secure_find(tenant).order_by_asc(retention_certificates::Column::Number);
        let rows = found.all(self.platform().db.reader()).await.unwrap();
        rows.iter()
            .map(|row| serde_json::from_slice(&row.body).unwrap())
            .collect()
    }
}

/// Each test over both databases: `both!(name, async |bench: Bench| { … })` is `name::sqlite` and `name::postgres`.
macro_rules! both {
    ($name:ident, $test:expr) => {
        mod $name {
            use super::*;

            #[tokio::test]
            async fn sqlite() {
                ($test)(Bench::sqlite().await).await;
            }

            #[tokio::test]
            async fn postgres() {
                ($test)(Bench::postgres().await).await;
            }
        }
    };
}
pub(crate) use both;
