//! Sends mails: leased, sent, then marked, each in a commit of its own. Leases are in the rows, so two schedulers that
//! both believe to lead send no mail twice.

use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use levqor_mail::{Fate, Leased, Mailer};
use levqor_store::StoreError;

use crate::{
    context::Context,
    service::{Pace, Service},
    stats::SchedulerStats,
};

/// Mails that are leased together and then sent at once, so that none waits while its lease runs.
const BATCH: usize = 8;

/// Pause for [`PATIENCE`] passes after mails went: what a person or a process causes often comes in a row.
const BUSY: Duration = Duration::from_millis(250);
const PATIENCE: u8 = 20;

/// Pause while there are none.
const IDLE: Duration = Duration::from_secs(1);

/// Longest pause when no mail can be sent: a wait that is over sooner, or a setting that was mended, is seen after it.
const PAUSE: Duration = Duration::from_mins(1);

#[derive(Default)]
pub(crate) struct Mail {
    patience: u8,
}

#[async_trait]
impl Service for Mail {
    const NAME: &'static str = "mail";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let Some(mailer) = &context.mailer else {
            return Ok(Pace::After(PAUSE));
        };
        let due = mailer.lease(BATCH as u64).await?;
        if due.is_empty() {
            self.patience = self.patience.saturating_sub(1);
            return Ok(Pace::After(if self.patience > 0 { BUSY } else { IDLE }));
        }
        self.patience = PATIENCE;
        let waits: Vec<Option<Duration>> = stream::iter(due)
            .map(|mail| send(context, mailer, mail))
            .buffer_unordered(BATCH)
            .collect()
            .await;
        let longest = waits.into_iter().flatten().max();
        Ok(longest.map_or(Pace::Again, |wait| Pace::After(wait.min(PAUSE))))
    }
}

/// One try; how long all mails have to wait after it, when they do. Neither address nor subject goes into the log.
async fn send(context: &Context, mailer: &Mailer, mail: Leased) -> Option<Duration> {
    let fate = mailer.deliver(&mail).await;
    count(&context.stats, &mail, &fate);
    if let Err(error) = mailer.settle(&mail, &fate).await {
        tracing::warn!(mail = %mail.id, %error, "the fate of a mail is not written; it is tried again after its lease");
    }
    match fate {
        Fate::Wait(_, after) => Some(after),
        _ => None,
    }
}

/// Reasons may repeat an address, so they stay in the row; those to wait speak of this installation.
fn count(stats: &SchedulerStats, mail: &Leased, fate: &Fate) {
    let (id, template, attempts) = (mail.id, &mail.template, mail.attempts);
    let counter = match fate {
        Fate::Sent(_) => {
            tracing::info!(mail = %id, template, "mail sent");
            &stats.mails_sent
        }
        Fate::Suppressed(_) | Fate::Refused(_) => {
            tracing::info!(mail = %id, template, "mail withheld");
            &stats.mails_withheld
        }
        Fate::Again(_) => {
            tracing::info!(mail = %id, template, attempts, "mail not taken; it is tried again");
            &stats.mails_failed
        }
        Fate::Wait(reason, _) => {
            tracing::warn!(reason, "no mail can be sent; they wait");
            return;
        }
        Fate::Failed(_) | Fate::Bounced(_) => {
            tracing::error!(mail = %id, template, attempts, "mail given up; its row says why");
            &stats.mails_given_up
        }
    };
    SchedulerStats::add(counter, 1);
}

#[cfg(test)]
mod tests;
