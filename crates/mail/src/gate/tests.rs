use levqor_entities::consents::Status;
use levqor_platform::testing::TestPlatform;
use levqor_store::TenantId;

use super::*;
use crate::{
    Kind as Asked,
    suppressions::{add, lift},
    testing::{ADA, consent, marketing, queued},
};

async fn suppress(app: &TestPlatform, tenant: TenantId, cause: Cause) {
    let platform = &app.platform;
    let (secrets, now) = (
        platform.secrets("test").unwrap(),
        platform.db.now().await.unwrap(),
    );
    let tx = platform.db.begin().await.unwrap();
    add(&tx, secrets, tenant, ADA, cause, now).await.unwrap();
    tx.commit().await.unwrap();
}

/// What the gate says to a transactional and to a marketing mail.
async fn asked(app: &TestPlatform) -> (Verdict, Verdict) {
    let transactional = queued(app, "t", Asked::Transactional).await;
    let marketing = queued(app, "m", marketing()).await;
    let ask = |mail: Model| async move { ask(&app.platform, &mail).await.unwrap() };
    (ask(transactional).await, ask(marketing).await)
}

#[tokio::test]
async fn domain_2_5_marketing_goes_to_whom_consent_is_granted_at_that_moment() {
    let app = TestPlatform::sqlite().await;
    assert!(matches!(asked(&app).await, (Verdict::Send, Verdict::Refused(_))));
    consent(&app, Status::Granted).await;
    assert_eq!(asked(&app).await, (Verdict::Send, Verdict::Send));
    for status in [Status::PendingDoubleOptIn, Status::Revoked, Status::Expired] {
        consent(&app, status).await;
        assert!(
            matches!(asked(&app).await, (Verdict::Send, Verdict::Refused(_))),
            "{status:?}"
        );
    }
}

#[tokio::test]
async fn domain_2_9_an_address_that_bounced_for_good_gets_nothing() {
    let app = TestPlatform::sqlite().await;
    consent(&app, Status::Granted).await;
    suppress(&app, app.tenant, Cause::Bounce).await;
    assert!(matches!(
        asked(&app).await,
        (Verdict::Suppressed(_), Verdict::Suppressed(_))
    ));
}

#[tokio::test]
async fn domain_2_9_a_complaint_stops_marketing_and_leaves_what_contract_or_law_asks_for() {
    let app = TestPlatform::sqlite().await;
    consent(&app, Status::Granted).await;
    suppress(&app, app.tenant, Cause::Complaint).await;
    assert!(matches!(
        asked(&app).await,
        (Verdict::Send, Verdict::Suppressed(_))
    ));
}

#[tokio::test]
async fn what_one_tenant_met_says_nothing_to_another() {
    let app = TestPlatform::sqlite().await;
    consent(&app, Status::Granted).await;
    suppress(&app, TenantId(app.platform.ids.uuid_v7()), Cause::Bounce).await;
    assert_eq!(asked(&app).await, (Verdict::Send, Verdict::Send));
}

#[tokio::test]
async fn a_suppression_that_was_lifted_holds_nothing_back() {
    let app = TestPlatform::sqlite().await;
    consent(&app, Status::Granted).await;
    suppress(&app, app.tenant, Cause::Bounce).await;
    let platform = &app.platform;
    let (secrets, now) = (
        platform.secrets("test").unwrap(),
        platform.db.now().await.unwrap(),
    );
    let tx = platform.db.begin().await.unwrap();
    assert!(lift(&tx, secrets, app.tenant, ADA, now).await.unwrap().is_some());
    assert!(lift(&tx, secrets, app.tenant, ADA, now).await.unwrap().is_none());
    tx.commit().await.unwrap();
    assert_eq!(asked(&app).await, (Verdict::Send, Verdict::Send));
}

#[tokio::test]
async fn without_the_secret_key_marketing_waits_since_suppressions_cannot_be_read() {
    let mut app = TestPlatform::sqlite().await;
    consent(&app, Status::Granted).await;
    app.platform.secrets = None;
    assert!(matches!(asked(&app).await, (Verdict::Send, Verdict::Unknown(_))));
}
