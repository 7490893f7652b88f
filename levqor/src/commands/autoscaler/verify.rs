//! `levqor autoscaler verify`: every decision that is kept, made again from its inputs.

use std::process::ExitCode;

use levqor_autoscaler::Decision;
use levqor_store::Decided;
use serde_json::json;

use crate::{commands::moment, config::Config, wiring};

/// Decisions read at once.
const PAGE: u64 = 500;

/// Reads all decisions, newest first, and names each that does not follow from its inputs; exit code 1 when there is one.
pub(super) async fn verify(config: &Config, as_json: bool) -> anyhow::Result<ExitCode> {
    let _lines = wiring::logs(config)?;
    let db = wiring::read(config).await?;
    let (mut read, mut wrong, mut before) = (0_u64, 0_u64, None);
    loop {
        let page = db.decisions(before, PAGE).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        for row in &page {
            read += 1;
            if let Some(fault) = fault(row) {
                wrong += 1;
                tell(row, fault, as_json);
            }
        }
    }
    if as_json {
        println!("{}", json!({"decisions": read, "faults": wrong}));
    } else {
        println!("{read} decisions: {wrong} do not follow from their inputs");
    }
    Ok(if wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What is wrong with a stored decision.
fn fault(row: &Decided) -> Option<&'static str> {
    let Ok(decision) = serde_json::from_str::<Decision>(&row.decision) else {
        return Some("cannot be read");
    };
    if i64::from(decision.desired) != row.desired || decision.reason.code() != row.reason {
        return Some("differs from what stands beside it");
    }
    (!decision.follows()).then_some("does not follow from its inputs")
}

fn tell(row: &Decided, fault: &str, as_json: bool) {
    let (id, at) = (row.id, moment(row.at));
    if as_json {
        println!(
            "{}",
            json!({"id": id, "at": at, "desired": row.desired, "fault": fault})
        );
    } else {
        println!("decision {id} of {at} for {} workers {fault}", row.desired);
    }
}

#[cfg(test)]
mod tests {
    use levqor_autoscaler::{Autoscaler, Fleet, Observation, Settings};
    use levqor_store::{DecisionId, Timestamp};

    use super::*;

    fn row() -> Decided {
        let seen = Observation {
            interval_s: 15.0,
            fleet: Fleet {
                slots: 4,
                ready: 3,
                ..Fleet::default()
            },
            worker_micros_per_hour: 4_000_000,
            classes: Vec::new(),
        };
        let decision = Autoscaler::new(Settings::default()).unwrap().look(&seen);
        Decided {
            id: DecisionId(uuid::Uuid::nil()),
            at: Timestamp(0),
            term: 1,
            desired: decision.desired.into(),
            reason: decision.reason.code().to_owned(),
            decision: serde_json::to_string(&decision).unwrap(),
        }
    }

    #[test]
    fn a_decision_that_was_changed_afterwards_is_named() {
        assert_eq!(fault(&row()), None);
        let mut bent = row();
        bent.desired += 1;
        assert_eq!(fault(&bent), Some("differs from what stands beside it"));
        let mut bent = row();
        bent.decision = bent.decision.replace("\"ready\":3", "\"ready\":1");
        assert_eq!(fault(&bent), Some("does not follow from its inputs"));
        bent.decision.truncate(20);
        assert_eq!(fault(&bent), Some("cannot be read"));
    }
}
