//! Settings of the autoscaler.

use std::fmt;

use anyhow::{Context, bail};
use levqor_autoscaler::{Mode, Settings as Rule};
use levqor_scheduler::Autoscaling;

use super::{Settings, within};

/// Largest amount of money, in minor units.
const MOST: i64 = 1_000_000_000;

/// Longest duration: a day, in seconds.
const LONGEST: u64 = 86_400;

/// Bounds, habits and prices.
#[derive(Clone, Debug)]
pub(crate) struct Autoscaler(pub(crate) Autoscaling);

impl Autoscaler {
    pub(super) fn new(s: &Settings, slots: usize) -> anyhow::Result<Self> {
        let usual = Autoscaling::default();
        let rule = rule(s, &usual.settings)?;
        rule.validate()
            .context("autoscaler_min must not be above autoscaler_max")?;
        let delay = s.autoscaler_delay_cost.unwrap_or(usual.delay_cost_per_hour);
        Ok(Self(Autoscaling {
            on: s.autoscaler.unwrap_or(usual.on),
            settings: rule,
            slots: u32::try_from(slots)?,
            delay_cost_per_hour: amount("autoscaler_delay_cost", delay)?,
        }))
    }
}

fn rule(s: &Settings, usual: &Rule) -> anyhow::Result<Rule> {
    let budget = s
        .autoscaler_budget
        .map(|budget| amount("autoscaler_budget", budget));
    Ok(Rule {
        min: workers("autoscaler_min", s.autoscaler_min, usual.min, 0)?,
        max: workers("autoscaler_max", s.autoscaler_max, usual.max, 1)?,
        budget_micros_per_hour: budget.transpose()?.map(|budget| budget * 1_000_000),
        startup_s: duration("autoscaler_startup", s.autoscaler_startup, usual.startup_s, 0)?,
        interval_s: duration("autoscaler_interval", s.autoscaler_interval, usual.interval_s, 1)?,
        down_after_s: duration(
            "autoscaler_down_after",
            s.autoscaler_down_after,
            usual.down_after_s,
            0,
        )?,
        hysteresis: usual.hysteresis,
        mode: mode(s.autoscaler_mode.as_deref())?,
    })
}

fn workers(name: &str, given: Option<usize>, usual: u32, least: usize) -> anyhow::Result<u32> {
    match given {
        Some(given) => Ok(u32::try_from(within(name, given, least, 1_000)?)?),
        None => Ok(usual),
    }
}

fn duration(name: &str, given: Option<u64>, usual: f64, least: u64) -> anyhow::Result<f64> {
    match given {
        Some(given) => Ok(super::seconds(name, given, least, LONGEST)?.as_secs_f64()),
        None => Ok(usual),
    }
}

fn amount(name: &str, given: i64) -> anyhow::Result<i64> {
    if (0..=MOST).contains(&given) {
        return Ok(given);
    }
    bail!("{name} must be 0 to {MOST} minor units; it is {given}")
}

fn mode(given: Option<&str>) -> anyhow::Result<Mode> {
    match given {
        None | Some("auto") => Ok(Mode::Auto),
        Some("stabilize") => Ok(Mode::Stabilize),
        Some(other) => bail!("autoscaler_mode must be auto or stabilize; it is {other:?}"),
    }
}

impl fmt::Display for Autoscaler {
    /// Lines of TOML.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Autoscaling {
            on,
            settings,
            delay_cost_per_hour,
            ..
        } = &self.0;
        let mode = match settings.mode {
            Mode::Auto => "auto",
            Mode::Stabilize => "stabilize",
        };
        writeln!(f, "autoscaler = {on}")?;
        writeln!(f, "autoscaler_min = {}", settings.min)?;
        writeln!(f, "autoscaler_max = {}", settings.max)?;
        writeln!(f, "autoscaler_mode = {mode:?}")?;
        if let Some(budget) = settings.budget_micros_per_hour {
            writeln!(f, "autoscaler_budget = {}", budget / 1_000_000)?;
        }
        writeln!(f, "autoscaler_delay_cost = {delay_cost_per_hour}")?;
        writeln!(f, "autoscaler_startup = {}", settings.startup_s)?;
        writeln!(f, "autoscaler_down_after = {}", settings.down_after_s)?;
        writeln!(f, "autoscaler_interval = {}", settings.interval_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(settings: &Settings) -> String {
        Autoscaler::new(settings, 8).unwrap_err().to_string()
    }

    #[test]
    fn what_no_fleet_can_be_run_by_is_refused_by_name() {
        let bounds = Settings {
            autoscaler_min: Some(5),
            autoscaler_max: Some(4),
            ..Settings::default()
        };
        assert!(refused(&bounds).contains("autoscaler_min"));
        let mode = Settings {
            autoscaler_mode: Some("stabilise".to_owned()),
            ..Settings::default()
        };
        assert!(refused(&mode).contains("autoscaler_mode"));
        let delay = Settings {
            autoscaler_delay_cost: Some(-1),
            ..Settings::default()
        };
        assert!(refused(&delay).contains("autoscaler_delay_cost"));
        let never = Settings {
            autoscaler_interval: Some(0),
            ..Settings::default()
        };
        assert!(refused(&never).contains("autoscaler_interval"));
    }

    #[test]
    fn without_a_setting_the_rule_has_its_usual_habits() {
        let usual = Autoscaling {
            slots: 8,
            ..Autoscaling::default()
        };
        let found = Autoscaler::new(&Settings::default(), 8).unwrap();
        assert_eq!(found.0, usual);
        assert!(found.to_string().contains("autoscaler_max = 10\n"));
    }
}
