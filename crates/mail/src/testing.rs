//! What the tests of this crate start from.

use levqor_entities::{
    consents,
    ids::{ConsentId, ContactId, WordingId},
    mails::{self, Model},
};
use levqor_platform::testing::TestPlatform;
use levqor_store::{StoreError, Timestamp};
use sea_orm::{ActiveValue::Set, Insert};

use crate::{Envelope, Kind, enqueue, letters::Test, read::Mail};

/// Who gets the mails.
pub(crate) const ADA: &str = "ada@example.org";

/// The list of marketing mails.
pub(crate) const SCOPE: &str = "newsletter";

/// One-click link of marketing mails.
pub(crate) const LINK: &str = "https://levqor.test/u/token";

pub(crate) fn marketing() -> Kind {
    Kind::Marketing {
        scope: SCOPE.to_owned(),
        unsubscribe: LINK.to_owned(),
    }
}

pub(crate) fn letter() -> Test {
    Test {
        installation: "levqor.test".to_owned(),
    }
}

/// To [`ADA`], under this key.
pub(crate) fn envelope(app: &TestPlatform, key: &str, kind: Kind) -> Envelope {
    Envelope {
        tenant: app.tenant,
        key: key.to_owned(),
        kind,
        to: ADA.to_owned(),
        user: None,
        attachments: Vec::new(),
    }
}

/// Writes a mail and commits.
pub(crate) async fn write(app: &TestPlatform, envelope: Envelope) -> Result<bool, StoreError> {
    let db = &app.platform.db;
    let now = db.now().await?;
    let tx = db.begin().await?;
    let new = enqueue(&tx, &app.platform, now, envelope, &letter()).await?;
    tx.commit().await?;
    Ok(new)
}

/// A mail that waits.
pub(crate) async fn queued(app: &TestPlatform, key: &str, kind: Kind) -> Model {
    write(app, envelope(app, key, kind)).await.unwrap();
    let rows = mails::secure_find(app.tenant)
        .all(app.platform.db.reader())
        .await
        .unwrap();
    rows.into_iter().find(|mail| mail.key == key).unwrap()
}

/// The mail as its tenant sees it now.
pub(crate) async fn seen(app: &TestPlatform, mail: &Model) -> Mail {
    let found = crate::read::get(&app.platform.db, app.tenant, mail.id)
        .await
        .unwrap();
    found.unwrap()
}

/// Sets how [`ADA`]'s consent to [`SCOPE`] stands.
pub(crate) async fn consent(app: &TestPlatform, status: consents::Status) {
    let row = consents::ActiveModel {
        id: Set(ConsentId(app.platform.ids.uuid_v7())),
        tenant_id: Set(app.tenant),
        contact_id: Set(ContactId(app.platform.ids.uuid_v7())),
        email: Set(ADA.to_owned()),
        user_id: Set(None),
        scope: Set(SCOPE.to_owned()),
        status: Set(status),
        source: Set("test".to_owned()),
        locale: Set(None),
        wording_id: Set(WordingId(app.platform.ids.uuid_v7())),
        requested_at: Set(Timestamp(1)),
        granted_at: Set(None),
        revoked_at: Set(None),
        updated_at: Set(Timestamp(1)),
    };
    let tx = app.platform.db.begin().await.unwrap();
    consents::secure_delete(app.tenant).exec(&*tx).await.unwrap();
    Insert::one(row).exec_without_returning(&*tx).await.unwrap();
    tx.commit().await.unwrap();
}
