//! Runs that end too soon: a tenant may cancel what runs in its name, and any run may fault.

use std::time::Duration;

use anyhow::{Context, Result};
use levqor_dsar::{DsarId, LIFE, Request, State, decide::Reason, steps, watch};
use levqor_store::{ClaimRequest, End, EndState, RetentionClass, RunId, WorkerId, WorkerInfo, WriteFate};
use sea_orm::ConnectionTrait;

use crate::rig::Rig;

/// Ends a run as it ends when its tenant cancels it.
async fn cancel(rig: &Rig, run: RunId) -> Result<()> {
    let (store, ids) = (&rig.test.store, &rig.platform().ids);
    let worker = WorkerId(ids.uuid_v7());
    let info = WorkerInfo {
        name: "test".to_owned(),
        version: "1".to_owned(),
        slots: 1,
    };
    store.register_worker(worker, &info).await?;
    let claimed = store
        .claim(
            worker,
            &[ClaimRequest {
                run,
                epoch: 0,
                token: ids.uuid_v7(),
            }],
        )
        .await?;
    let claimed = claimed.first().context("not claimed")?;
    let end = End {
        run,
        epoch: claimed.epoch,
        seq: claimed.seq,
        inbox: 0,
        state: EndState::Cancelled,
        class: RetentionClass::Standard,
        output: None,
        error: None,
        journal: b"[]".to_vec(),
        outbox: Vec::new(),
        usage: levqor_store::Usage::default(),
    };
    assert_eq!(store.end(&[end]).await?, [WriteFate::Committed]);
    Ok(())
}

/// Ends the request's run; the row as it is then.
async fn cancelled(rig: &Rig, id: DsarId) -> Result<Request> {
    let request = rig.find(id).await?;
    cancel(rig, request.run_id.context("no run")?).await?;
    Ok(request)
}

/// On SQLite time is turned; on Postgres it is the database's, so the row is made older.
async fn pass(rig: &Rig, id: DsarId, time: Duration) -> Result<()> {
    use levqor_entities::dsar_requests::{Column, secure_update};
    use sea_orm::{ColumnTrait, ExprTrait, QueryFilter, sea_query::Expr};
    rig.test.clock.advance(time);
    if rig.platform().db.reader().get_database_backend() == sea_orm::DbBackend::Postgres {
        let micros = i64::try_from(time.as_micros())?;
        let tx = rig.platform().db.begin().await?;
        let update = secure_update(rig.tenant())
            .filter(Column::Id.eq(id))
            .col_expr(Column::VerifiedAt, Expr::col(Column::VerifiedAt).sub(micros))
            .col_expr(Column::ExpiresAt, Expr::col(Column::ExpiresAt).sub(micros));
        update.exec(&*tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

#[tokio::test]
async fn domain_1_1_a_request_whose_run_was_cancelled_gets_another_one() -> Result<()> {
    for rig in [Rig::sqlite().await, Rig::postgres().await?] {
        let user = rig.user("ada@example.org").await?;
        let id = rig.asked(user).await?.id;
        pass(&rig, id, Duration::from_secs(61)).await?;
        assert_eq!(watch(rig.platform()).await?.restarted, 0, "its run is under way");
        let first = cancelled(&rig, id).await?.run_id;
        assert_eq!(watch(rig.platform()).await?.restarted, 1);
        let second = rig.find(id).await?.run_id;
        assert!(second.is_some() && second != first);
        assert_eq!(
            watch(rig.platform()).await?.restarted,
            0,
            "its new run is under way"
        );
        cancelled(&rig, id).await?;
        assert_eq!(watch(rig.platform()).await?.restarted, 1, "as often as it takes");
    }
    Ok(())
}

#[tokio::test]
async fn a_package_goes_in_time_although_its_run_was_cancelled() -> Result<()> {
    for rig in [Rig::sqlite().await, Rig::postgres().await?] {
        let user = rig.user("ada@example.org").await?;
        let id = rig.prepared(user).await?.id;
        cancelled(&rig, id).await?;
        assert_eq!(watch(rig.platform()).await?.expired, 0, "the person has a day");
        pass(&rig, id, LIFE + Duration::from_secs(61)).await?;
        let watched = watch(rig.platform()).await?;
        assert_eq!((watched.expired, watched.restarted), (1, 0));
        assert_eq!(rig.find(id).await?.state, State::Expired);
        assert_eq!((rig.objects(), rig.grant(id).await?), (0, None));
        assert_eq!(watch(rig.platform()).await?.expired, 0);
    }
    Ok(())
}

#[tokio::test]
async fn a_request_that_is_over_gets_no_other_run() -> Result<()> {
    let rig = Rig::sqlite().await;
    let user = rig.user("ada@example.org").await?;
    let id = rig.asked(user).await?.id;
    let reason = Reason::new("The same request comes every day, only to harm.").context("no reason")?;
    levqor_dsar::decide::refuse(rig.platform(), rig.tenant(), rig.key(), id, &reason).await?;
    cancelled(&rig, id).await?;
    let other = rig.user("bob@example.org").await?;
    let failed = rig.asked(other).await?.id;
    steps::fail(rig.platform(), rig.tenant(), failed, "too large").await?;
    cancelled(&rig, failed).await?;
    rig.test.clock.advance(Duration::from_hours(1));
    assert_eq!(watch(rig.platform()).await?.restarted, 0);
    Ok(())
}
