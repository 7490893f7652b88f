//! Starting a process, once for each key.

use std::time::Duration;

use levqor_queue::Hint;
use levqor_store::{IdempotencyClaim, IntakeFate, NewRun, RunId, TenantId};
use levqor_workflow::{canonical_value, hash};
use serde_json::Value;

use crate::{KEY_PREFIX, ProcessError, Processes, document};

/// How long a start stands for its key: longer than any caller repeats itself.
const KEEP: Duration = Duration::from_hours(24 * 7);

/// Ahead of what callers start.
pub(crate) const PRIORITY: i16 = 0;

impl Processes {
    /// Starts the process of this name in the tenant. The same `key` within a week gives the run it started, whatever
    /// the input is then; a repeat after a lost answer is safe.
    ///
    /// # Errors
    /// There is no such process, or the database is away.
    pub async fn start(
        &self,
        tenant: TenantId,
        process: &str,
        key: &str,
        input: &Value,
    ) -> Result<RunId, ProcessError> {
        let document = document(process).ok_or_else(|| ProcessError::Unknown(process.to_owned()))?;
        let key = format!("{KEY_PREFIX}{process}/{key}");
        let run = NewRun {
            id: RunId(self.ids.uuid_v7()),
            tenant,
            workflow: self.install(tenant, document).await?,
            priority: PRIORITY,
            run_at: None,
            input: canonical_value(input),
            callback_url: None,
            idempotency: Some(IdempotencyClaim {
                request_hash: hash(key.as_bytes()),
                key,
                keep: KEEP,
            }),
            key: None,
            trace: None,
        };
        let id = run.id;
        let fates = self.store.intake(self.ids.uuid_v7(), &[run]).await?;
        if let Some(IntakeFate::Existing { run } | IntakeFate::KeyConflict { run }) = fates.first() {
            return Ok(*run);
        }
        self.ring(id).await;
        Ok(id)
    }

    /// A queue that is away is no error: the scheduler finds the run in the database.
    async fn ring(&self, run: RunId) {
        let hint = Hint { run: run.0, epoch: 0 };
        if let Err(error) = self.queue.push(PRIORITY, &[hint]).await {
            tracing::debug!(%error, "hint not pushed");
        }
    }
}
