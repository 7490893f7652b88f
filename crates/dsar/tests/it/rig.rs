//! A platform, people, and short ways through the process.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result};
use levqor_accounts::{Email, NewUser};
use levqor_dsar::{Asking, By, DsarError, DsarId, Opened, Request, code::Code, download, open, steps};
use levqor_entities::{audit_events, dsar_grants, mails};
use levqor_objects::Folder;
use levqor_platform::{Platform, testing::TestPlatform};
use levqor_store::{KeyId, TenantId, UserId};
use levqor_testkit::Postgres;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub(crate) struct Rig {
    pub(crate) test: TestPlatform,
    pub(crate) gate: download::Gate,
    folder: TempDir,
}

impl Rig {
    pub(crate) async fn sqlite() -> Self {
        Self::over(TestPlatform::sqlite().await)
    }

    pub(crate) async fn postgres() -> Result<Self> {
        let url = Postgres::shared().await?.create_database().await?;
        Ok(Self::over(TestPlatform::postgres(&url).await?))
    }

    /// The platform's randomness counts; hashed, it gives codes that differ. Objects lie where they can be counted.
    fn over(mut test: TestPlatform) -> Self {
        let counts = test.platform.entropy.clone();
        test.platform.entropy = Arc::new(move || Sha256::digest(counts()).into());
        let folder = tempfile::tempdir().unwrap();
        test.platform.objects = Arc::new(Folder::new(folder.path()));
        Self {
            test,
            gate: download::Gate::default(),
            folder,
        }
    }

    /// How many objects there are.
    pub(crate) fn objects(&self) -> usize {
        fn files(path: &Path) -> usize {
            let entries = std::fs::read_dir(path)
                .unwrap()
                .map(|entry| entry.unwrap().path());
            entries
                .map(|path| if path.is_dir() { files(&path) } else { 1 })
                .sum()
        }
        files(self.folder.path())
    }

    pub(crate) fn platform(&self) -> &Platform {
        &self.test.platform
    }

    pub(crate) fn tenant(&self) -> TenantId {
        self.test.tenant
    }

    pub(crate) fn key(&self) -> KeyId {
        KeyId(self.platform().ids.uuid_v7())
    }

    pub(crate) async fn user(&self, email: &str) -> Result<UserId> {
        let new = NewUser::from(Email::parse(email)?);
        Ok(levqor_accounts::upsert(self.platform(), self.tenant(), new)
            .await?
            .user
            .id)
    }

    pub(crate) async fn open(&self, user: UserId, by: By) -> Result<Opened, DsarError> {
        open(
            self.platform(),
            Asking {
                tenant: self.tenant(),
                user,
                by,
            },
        )
        .await
    }

    /// A request that the person made.
    pub(crate) async fn asked(&self, user: UserId) -> Result<Request> {
        Ok(self.open(user, By::User).await?.request().clone())
    }

    /// All steps up to the mail.
    pub(crate) async fn prepared(&self, user: UserId) -> Result<Request> {
        let id = self.asked(user).await?.id;
        let (platform, tenant) = (self.platform(), self.tenant());
        steps::collect(platform, tenant, id).await?;
        steps::package(platform, tenant, id).await?;
        steps::store(platform, tenant, id).await?;
        Ok(steps::notify(platform, tenant, id).await?)
    }

    /// A code that is shown to the person.
    pub(crate) async fn code(&self, user: UserId, id: DsarId) -> Result<Code, DsarError> {
        let issued = download::issue(self.platform(), &self.gate, self.tenant(), user, id).await?;
        Ok(issued.code)
    }

    pub(crate) async fn redeem(&self, token: &str, code: &Code) -> Result<download::Download, DsarError> {
        download::redeem(self.platform(), &self.gate, token, code.clone()).await
    }

    pub(crate) async fn find(&self, id: DsarId) -> Result<Request> {
        let found = levqor_dsar::find(&self.platform().db, self.tenant(), id).await?;
        found.context("the request is gone")
    }

    /// Mails to this person of this template, oldest first.
    pub(crate) async fn mails(&self, user: UserId, template: &str) -> Result<Vec<mails::Model>> {
        let found = mails::secure_find(self.tenant())
            .filter(mails::Column::UserId.eq(user))
            .filter(mails::Column::Template.eq(template))
            .order_by_asc(mails::Column::Id);
        Ok(found.all(self.platform().db.reader()).await?)
    }

    /// The token of the one mail of this template to this person.
    pub(crate) async fn token(&self, user: UserId, template: &str) -> Result<String> {
        let mails = self.mails(user, template).await?;
        anyhow::ensure!(mails.len() == 1, "{} mails {template}", mails.len());
        let text = mails[0].text.clone().context("no text")?;
        let (_, rest) = text.split_once("token=").context("no link")?;
        Ok(rest.split_whitespace().next().unwrap_or_default().to_owned())
    }

    pub(crate) async fn grant(&self, id: DsarId) -> Result<Option<dsar_grants::Model>> {
        let found = dsar_grants::secure_find(self.tenant()).filter(dsar_grants::Column::RequestId.eq(id));
        Ok(found.one(self.platform().db.reader()).await?)
    }

    /// Kinds of the trail's entries about this person in the stream `dsar`, in order.
    pub(crate) async fn trail(&self, user: UserId) -> Result<Vec<String>> {
        let found = audit_events::secure_find(self.tenant())
            .filter(audit_events::Column::UserId.eq(user))
            .filter(audit_events::Column::Stream.eq("dsar"))
            .order_by_asc(audit_events::Column::Seq);
        let all = found.all(self.platform().db.reader()).await?;
        Ok(all.into_iter().map(|event| event.kind).collect())
    }
}

/// The refusal that this is.
#[track_caller]
pub(crate) fn refused<T>(outcome: Result<T, DsarError>) -> levqor_dsar::Refusal {
    match outcome {
        Err(DsarError::Refused(refusal)) => refusal,
        Err(other) => panic!("it failed otherwise: {other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

/// Another code than this one.
pub(crate) fn wrong(code: &Code) -> Code {
    let text = if code.reveal() == "000000" {
        "111111"
    } else {
        "000000"
    };
    Code::parse(text).unwrap()
}

/// Many at once.
pub(crate) async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    many: usize,
    one: impl Fn() -> F,
) -> Vec<T> {
    let barrier = Arc::new(tokio::sync::Barrier::new(many));
    let tasks: Vec<_> = (0..many)
        .map(|_| {
            let (barrier, one) = (barrier.clone(), one());
            tokio::spawn(async move {
                barrier.wait().await;
                one.await
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    all
}
