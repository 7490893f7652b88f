//! A rule as it is shown.

use levqor_retention::{By, Rule};
use poem_openapi::Object;
use serde::Serialize;

use crate::time;

/// How long rows of a table are kept.
#[derive(Serialize, Object)]
#[oai(rename = "RetentionPolicy")]
pub(super) struct PolicyBody {
    /// A table, or with a dot a part of one, such as `ended.short`.
    pub table: String,
    /// Version of the rule.
    pub version: i64,
    /// Column from which time runs.
    pub clock: String,
    /// Days that apply to this tenant; 0 when the clock is the end itself.
    pub days: i64,
    /// Days of the rule.
    pub default_days: i64,
    /// Least days that the tenant may choose.
    pub least_days: i64,
    /// Most days that the tenant may choose; equal to `least_days` when there is no choice.
    pub most_days: i64,
    /// What happens then: `delete`, `anonymise` or `drop`.
    pub action: String,
    /// Who does it: `sweep` every night, `scheduler` all day, or the `process` that the rows belong to.
    pub applied_by: String,
    /// Why rows may be kept so long.
    pub basis: String,
    /// Where that stands.
    pub article: String,
    /// Which part of the product answers for it.
    pub owner: String,
    /// What the tenant chose, when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<ChosenBody>,
}

/// A period that the tenant chose.
#[derive(Serialize, Object)]
#[oai(rename = "ChosenPeriod")]
pub(super) struct ChosenBody {
    /// Days.
    pub days: i64,
    /// Why.
    pub reason: String,
    /// Who chose it: `key:` and the key's id.
    pub set_by: String,
    /// When (RFC 3339).
    pub updated_at: String,
}

impl From<Rule> for PolicyBody {
    fn from(rule: Rule) -> Self {
        let days = rule.days();
        let chosen = rule.chosen.map(|chosen| ChosenBody {
            days: chosen.days,
            reason: chosen.reason,
            set_by: chosen.set_by,
            updated_at: time::format(chosen.updated_at),
        });
        let applied_by = match rule.policy.by {
            By::Sweep => "sweep",
            By::Scheduler => "scheduler",
            By::Process => "process",
        };
        Self {
            table: rule.stored.dataset,
            version: rule.stored.version,
            clock: rule.stored.clock,
            days,
            default_days: rule.stored.days,
            least_days: rule.stored.least_days,
            most_days: rule.stored.most_days,
            action: rule.policy.action_name().to_owned(),
            applied_by: applied_by.to_owned(),
            basis: rule.stored.basis,
            article: rule.stored.article,
            owner: rule.stored.owner,
            chosen,
        }
    }
}
