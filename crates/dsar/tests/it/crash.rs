//! A process that dies at any point where a step waits, and comes back.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use anyhow::Result;
use levqor_dsar::{DsarError, DsarId, Request, State, steps};
use levqor_platform::Platform;
use levqor_store::TenantId;

use crate::rig::Rig;

/// Drops its work after so many polls, as a crash does.
struct Dies<F> {
    work: Option<Pin<Box<F>>>,
    polls: usize,
}

impl<F: Future> Future for Dies<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            self.work = None;
            return Poll::Ready(None);
        }
        self.polls -= 1;
        match self.work.as_mut() {
            Some(work) => work.as_mut().poll(context).map(Some),
            None => Poll::Ready(None),
        }
    }
}

type Step = for<'a> fn(
    &'a Platform,
    TenantId,
    DsarId,
) -> Pin<Box<dyn Future<Output = Result<Request, DsarError>> + Send + 'a>>;

const STEPS: [Step; 5] = [
    |platform, tenant, id| Box::pin(steps::collect(platform, tenant, id)),
    |platform, tenant, id| Box::pin(steps::package(platform, tenant, id)),
    |platform, tenant, id| Box::pin(steps::store(platform, tenant, id)),
    |platform, tenant, id| Box::pin(steps::notify(platform, tenant, id)),
    |platform, tenant, id| Box::pin(steps::expire(platform, tenant, id)),
];

/// Whether the step was over before it died.
async fn dies(rig: &Rig, step: Step, id: DsarId, polls: usize) -> Result<bool> {
    let work = Some(Box::pin(step(rig.platform(), rig.tenant(), id)));
    let outcome = Dies { work, polls }.await;
    Ok(outcome.transpose()?.is_some())
}

#[tokio::test]
async fn domain_1_1_a_crash_at_any_point_of_any_step_gives_one_package_one_mail_one_end() -> Result<()> {
    let rig = Rig::sqlite().await;
    let mut crashes = 0;
    for (dying, _) in STEPS.iter().enumerate() {
        for polls in 1.. {
            let user = rig.user(&format!("u{dying}-{polls}@example.org")).await?;
            let id = rig.asked(user).await?.id;
            let mut over = false;
            for (number, step) in STEPS.into_iter().enumerate() {
                if number == dying {
                    over = dies(&rig, step, id, polls).await?;
                }
                step(rig.platform(), rig.tenant(), id).await?;
            }
            whole(&rig, user, id).await?;
            if over {
                break;
            }
            crashes += 1;
        }
    }
    assert!(crashes > 20, "{crashes} crashes were tried");
    Ok(())
}

/// One of everything, and nothing left.
async fn whole(rig: &Rig, user: levqor_store::UserId, id: DsarId) -> Result<()> {
    assert_eq!(rig.find(id).await?.state, State::Expired);
    assert_eq!(rig.mails(user, "dsar_ready").await?.len(), 1);
    let trail = [
        "requested",
        "collected",
        "packaged",
        "stored",
        "notified",
        "expired",
    ];
    assert_eq!(rig.trail(user).await?, trail.map(|verb| format!("dsar.{verb}")));
    assert!(rig.grant(id).await?.is_none());
    assert_eq!(rig.objects(), 0);
    Ok(())
}
