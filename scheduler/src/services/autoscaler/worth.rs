//! What waiting for a worker costs, as documents say.

use std::collections::HashMap;

use levqor_store::{Db, StoreError, WorkflowId};
use levqor_workflow::model::VALUE;
use serde_json::Value;

/// Most versions whose prices are remembered.
const REMEMBERED: usize = 10_000;

/// What a document says of its runs; None where it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Worth {
    /// Minor units that a completed run earns.
    pub(super) amount: Option<i64>,
    /// Minor units that an hour of waiting costs.
    pub(super) delay_cost_per_hour: Option<i64>,
    /// Seconds after which the amount is lost.
    pub(super) deadline: Option<u32>,
}

/// Versions never change, so what they say is read once.
#[derive(Default)]
pub(super) struct Worths(HashMap<WorkflowId, Worth>);

impl Worths {
    pub(super) async fn of(&mut self, db: &Db, workflow: WorkflowId) -> Result<Worth, StoreError> {
        if let Some(known) = self.0.get(&workflow) {
            return Ok(*known);
        }
        let document = db.document(workflow).await?.unwrap_or_default();
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        let worth = read(&document);
        self.0.insert(workflow, worth);
        Ok(worth)
    }
}

/// The document was checked when it was stored: what is not there now was not said.
fn read(document: &[u8]) -> Worth {
    let document: Value = serde_json::from_slice(document).unwrap_or_default();
    let metadata = document.pointer("/document/metadata");
    let said = |field: &str| metadata?.get(VALUE)?.get(field)?.as_i64();
    Worth {
        amount: said("amount"),
        delay_cost_per_hour: said("delay_cost_per_hour"),
        deadline: said("deadline").and_then(|seconds| u32::try_from(seconds).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_says_what_waiting_costs_or_nothing() {
        let said = read(
            br#"{"document":{"metadata":{"levqor.value":{"amount":250,"currency":"GBP","delay_cost_per_hour":40,"deadline":60}}}}"#,
        );
        let expected = Worth {
            amount: Some(250),
            delay_cost_per_hour: Some(40),
            deadline: Some(60),
        };
        assert_eq!(said, expected);
        assert_eq!(read(br#"{"document":{}}"#), Worth::default());
        assert_eq!(read(b""), Worth::default());
    }
}
