//! From a claimed row to a machine: definition, journal, fold.

use std::{sync::Arc, time::Duration};

use levqor_engine::{Entry, InboxItem, Machine, RunInfo, event::InboxItemKind, journal};
use levqor_store::{ClaimedRun, InboxKind, InboxRow, WorkflowId};
use levqor_workflow::model::Definition;
use serde_json::Value;

use super::{fault::Fault, row::Row};
use crate::{definitions::DefinitionError, shared::Shared};

/// Pause between two tries to read a definition while the store is away.
const PAUSE: Duration = Duration::from_millis(500);

/// The machine as its committed entries left it; the inbox is not folded yet.
pub(super) async fn machine(row: &mut Row<'_>, claimed: &ClaimedRun) -> Result<Machine, Fault> {
    let definition = definition(row.shared, claimed.workflow).await?;
    row.definition = Some(definition.clone());
    let input = serde_json::from_slice(&claimed.input).map_err(Fault::corrupt)?;
    let info = RunInfo {
        id: claimed.id.to_string(),
        input,
        created_at: claimed.created_at.0,
    };
    let mut machine = Machine::new(definition, info);
    // What a retried run used before its former end was counted with that.
    if let Some(history) = &claimed.history {
        apply(&mut machine, history)?;
    }
    for body in &claimed.journal {
        row.meter.add(&apply(&mut machine, body)?);
    }
    Ok(machine)
}

/// Folds the entries of a row; these.
fn apply(machine: &mut Machine, body: &[u8]) -> Result<Vec<Entry>, Fault> {
    let entries = journal::decode(body).map_err(Fault::corrupt)?;
    for entry in &entries {
        machine.apply(entry).map_err(Fault::corrupt)?;
    }
    Ok(entries)
}

async fn definition(shared: &Shared, id: WorkflowId) -> Result<Arc<Definition>, Fault> {
    loop {
        match shared.definitions.get(&*shared.env.store, id).await {
            Ok(definition) => return Ok(definition),
            Err(DefinitionError::Store(error)) => {
                tracing::warn!(workflow = %id, %error, "a definition is read again");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(Fault::definition(&error)),
        }
    }
}

/// An inbox row in the machine's words.
pub(super) fn item(row: &InboxRow) -> Result<InboxItem, Fault> {
    let body: Value = serde_json::from_slice(&row.body).map_err(Fault::corrupt)?;
    let kind = match row.kind {
        InboxKind::Timer => InboxItemKind::Timer(body),
        InboxKind::Event => InboxItemKind::Event(body),
        InboxKind::Cancel => InboxItemKind::Cancel(body),
    };
    Ok(InboxItem {
        n: row.n,
        at: row.at.0,
        kind,
    })
}
