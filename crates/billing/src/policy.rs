//! When a stage is due and which letter tells of it: data, in versions. An invoice keeps the version it began under.

use std::time::Duration;

use levqor_entities::billing_policies;
use levqor_store::{Db, StoreError, Timestamp};
use sea_orm::{ActiveValue::Set, Insert};
use serde::{Deserialize, Serialize};

use crate::Stage;

/// The policy of an installation whose operator said nothing: letters at once, after 7 and after 14 days, suspension
/// after 17.
const DEFAULT: &str = include_str!("../policies/default.json");

/// A letter that a stage can send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
    /// A payment failed.
    DunningDay1,
    /// The service is at risk.
    DunningDay7,
    /// The service will be paused.
    DunningDay14,
    /// The service is paused.
    DunningSuspended,
}

/// A stage of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Which.
    pub stage: Stage,
    /// ISO 8601 duration from the first failed payment.
    pub after: String,
    /// The letter that tells of it.
    pub letter: Letter,
}

/// A policy of dunning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// In order; the last suspends.
    pub stages: Vec<Step>,
}

/// Why a text is no policy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It is no JSON of this form.
    #[error("it cannot be read: {0}")]
    Form(#[from] serde_json::Error),
    /// A duration is none.
    #[error("{0}: {1}")]
    Duration(String, String),
    /// Stages or durations are out of order, or the last stage does not suspend.
    #[error("stages must come in order, each later than the one before, and end with `suspended`")]
    Order,
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Policy {
    /// From its text.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy: Self = serde_json::from_str(text)?;
        let mut last = None;
        for step in &policy.stages {
            let here = (
                step.stage,
                after(step).map_err(|why| PolicyError::Duration(step.after.clone(), why))?,
            );
            if last.is_some_and(|(stage, due)| here.0 <= stage || here.1 < due) {
                return Err(PolicyError::Order);
            }
            last = Some(here);
        }
        match last {
            Some((Stage::Suspended, _)) => Ok(policy),
            _ => Err(PolicyError::Order),
        }
    }

    /// The newest step that is due; those before it that were missed are skipped, so that nobody gets three letters at
    /// once.
    pub fn due(&self, since: Timestamp, now: Timestamp) -> Option<&Step> {
        self.stages.iter().rev().find(|step| at(step, since) <= now)
    }

    /// The step after `stage`, and when it is due.
    pub fn next(&self, since: Timestamp, stage: Option<Stage>) -> Option<(Timestamp, &Step)> {
        let step = self.stages.iter().find(|step| Some(step.stage) > stage)?;
        Some((at(step, since), step))
    }

    /// When the service is suspended.
    pub fn suspension(&self, since: Timestamp) -> Option<Timestamp> {
        self.stages.last().map(|step| at(step, since))
    }
}

fn after(step: &Step) -> Result<Duration, String> {
    levqor_workflow::duration::from_value(&serde_json::Value::String(step.after.clone()))
}

/// A duration that is none cannot have passed [`Policy::parse`].
fn at(step: &Step, since: Timestamp) -> Timestamp {
    since.after(after(step).unwrap_or(Duration::MAX))
}

/// The version that applies to invoices that become past due now.
pub async fn latest_policy(db: &Db) -> Result<(i64, Policy), StoreError> {
    let row = billing_policies::latest()
        .one(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    read(row)
}

/// This version.
pub(crate) async fn policy(db: &Db, version: i64) -> Result<Policy, StoreError> {
    let row = billing_policies::version(version)
        .one(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    read(row).map(|(_, policy)| policy)
}

fn read(row: Option<billing_policies::Model>) -> Result<(i64, Policy), StoreError> {
    let (version, text) = row.map_or((0, DEFAULT.to_owned()), |row| (row.version, row.body));
    let corrupt = |error| StoreError::Corrupt(format!("dunning policy {version}: {error}"));
    Ok((version, Policy::parse(&text).map_err(corrupt)?))
}

/// Stores a new version and gives its number; invoices that are past due already keep theirs.
pub async fn install_policy(db: &Db, text: &str) -> Result<i64, PolicyError> {
    Policy::parse(text)?;
    let tx = db.begin().await?;
    let now = db.now().await?;
    let last = billing_policies::latest()
        .one(&*tx)
        .await
        .map_err(|error| db.error(error))?;
    let version = last.map_or(0, |row| row.version) + 1;
    let row = billing_policies::ActiveModel {
        version: Set(version),
        body: Set(text.to_owned()),
        created_at: Set(now),
    };
    let written = Insert::one(row).exec_without_returning(&*tx).await;
    written.map_err(|error| db.error(error))?;
    tx.commit().await?;
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400 * 1_000_000;

    fn due(policy: &Policy, days: i64) -> Option<Stage> {
        policy
            .due(Timestamp(0), Timestamp(days * DAY))
            .map(|step| step.stage)
    }

    #[test]
    fn domain_4_5_the_default_policy_is_days_0_7_14_and_17() {
        use Stage::{Day1Notice, Day7Notice, Day14Final, Suspended};
        let policy = Policy::parse(DEFAULT).unwrap();
        let reached: Vec<_> = [-1, 0, 6, 7, 13, 14, 16, 17, 400]
            .map(|day| due(&policy, day))
            .into();
        let expected = [
            None,
            Some(Day1Notice),
            Some(Day1Notice),
            Some(Day7Notice),
            Some(Day7Notice),
            Some(Day14Final),
            Some(Day14Final),
            Some(Suspended),
            Some(Suspended),
        ];
        assert_eq!(reached, expected);
        assert_eq!(policy.suspension(Timestamp(0)), Some(Timestamp(17 * DAY)));
    }

    #[test]
    fn domain_4_6_of_stages_that_were_missed_the_newest_is_due() {
        let policy = Policy::parse(DEFAULT).unwrap();
        assert_eq!(due(&policy, 15), Some(Stage::Day14Final));
        let next = policy.next(Timestamp(0), Some(Stage::Day14Final));
        assert_eq!(
            next.map(|(at, step)| (at.0, step.stage)),
            Some((17 * DAY, Stage::Suspended))
        );
        assert_eq!(policy.next(Timestamp(0), Some(Stage::Suspended)), None);
    }

    #[test]
    fn a_policy_out_of_order_or_without_an_end_is_refused() {
        let step = |stage: &str, after: &str| {
            format!(r#"{{"stage": "{stage}", "after": "{after}", "letter": "dunning_day1"}}"#)
        };
        let policy = |steps: &[String]| Policy::parse(&format!(r#"{{"stages": [{}]}}"#, steps.join(",")));
        assert!(policy(&[step("suspended", "P1D")]).is_ok());
        assert!(policy(&[step("day1_notice", "PT0S"), step("suspended", "PT0S")]).is_ok());
        for bad in [
            vec![],
            vec![step("day1_notice", "PT0S")],
            vec![step("suspended", "P1D"), step("day1_notice", "P2D")],
            vec![step("day1_notice", "P2D"), step("suspended", "P1D")],
            vec![step("suspended", "soon")],
            vec![step("suspended", "P1M")],
        ] {
            assert!(policy(&bad).is_err(), "{bad:?}");
        }
    }
}
