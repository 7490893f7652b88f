//! What an operator sets.

use serde::{Deserialize, Serialize};

/// Bounds and habits of the autoscaler.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Fewest workers; a promise that neither prices nor the budget break.
    pub min: u32,
    /// Most workers.
    pub max: u32,
    /// Most that the fleet may cost, in micro-minor-units an hour at the price of now. It is a bound on the workers that
    /// count; those that drain are on their way out.
    pub budget_micros_per_hour: Option<i64>,
    /// Seconds from asking for a worker until it takes work.
    pub startup_s: f64,
    /// Seconds between two decisions.
    pub interval_s: f64,
    /// Seconds that fewer workers must have been enough before there are fewer. More are asked for at once.
    pub down_after_s: f64,
    /// Share of a worker's cost that fewer workers must save, else the fleet stays as it is.
    pub hysteresis: f64,
    /// Whether to scale at all.
    pub mode: Mode,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            min: 1,
            max: 10,
            budget_micros_per_hour: None,
            startup_s: 45.0,
            interval_s: 15.0,
            down_after_s: 300.0,
            hysteresis: 0.1,
            mode: Mode::Auto,
        }
    }
}

/// Whether to scale at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// As the rule says.
    #[default]
    Auto,
    /// Hold the workers there are, whatever the prices; only `min`, `max` and the budget still bind.
    Stabilize,
}

/// What is wrong with settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// `max` is 0 or less than `min`.
    #[error("max must be at least 1 and at least min")]
    Bounds,
    /// A duration is negative or not a number, or the interval is 0.
    #[error("startup_s and down_after_s must not be negative, interval_s must be positive")]
    Durations,
    /// The hysteresis is not a share.
    #[error("hysteresis must be between 0 and 1")]
    Hysteresis,
    /// The budget is negative.
    #[error("budget_micros_per_hour must not be negative")]
    Budget,
}

impl Settings {
    /// Refuses what no fleet can be run by.
    pub fn validate(&self) -> Result<(), SettingsError> {
        if self.max == 0 || self.max < self.min {
            return Err(SettingsError::Bounds);
        }
        let duration = |seconds: f64| seconds.is_finite() && seconds >= 0.0;
        let durations = [self.startup_s, self.down_after_s, self.interval_s];
        if !durations.into_iter().all(duration) || self.interval_s <= 0.0 {
            return Err(SettingsError::Durations);
        }
        if !(0.0..=1.0).contains(&self.hysteresis) {
            return Err(SettingsError::Hysteresis);
        }
        if self.budget_micros_per_hour.is_some_and(|budget| budget < 0) {
            return Err(SettingsError::Budget);
        }
        Ok(())
    }

    /// Most workers at a price: `max` or what the budget pays for, but not less than `min`.
    pub(crate) fn most(&self, worker_micros_per_hour: i64) -> u32 {
        self.affordable(worker_micros_per_hour)
            .min(self.max)
            .max(self.min)
    }

    /// Workers that the budget pays for.
    pub(crate) fn affordable(&self, worker_micros_per_hour: i64) -> u32 {
        match self.budget_micros_per_hour {
            Some(budget) if worker_micros_per_hour > 0 => {
                u32::try_from(budget.max(0) / worker_micros_per_hour).unwrap_or(u32::MAX)
            }
            _ => u32::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_work_are_refused() {
        let with = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.validate()
        };
        assert_eq!(with(|_| {}), Ok(()));
        assert_eq!(with(|s| s.max = 0), Err(SettingsError::Bounds));
        assert_eq!(with(|s| s.min = 11), Err(SettingsError::Bounds));
        assert_eq!(with(|s| s.interval_s = 0.0), Err(SettingsError::Durations));
        assert_eq!(with(|s| s.startup_s = f64::NAN), Err(SettingsError::Durations));
        assert_eq!(with(|s| s.hysteresis = 1.5), Err(SettingsError::Hysteresis));
        assert_eq!(
            with(|s| s.budget_micros_per_hour = Some(-1)),
            Err(SettingsError::Budget)
        );
    }

    #[test]
    fn a_budget_bounds_the_fleet_but_not_below_min() {
        let settings = Settings {
            min: 2,
            budget_micros_per_hour: Some(50),
            ..Settings::default()
        };
        assert_eq!(settings.most(10), 5);
        assert_eq!(settings.most(1), 10);
        assert_eq!(settings.most(40), 2);
        assert_eq!(settings.most(0), 10);
    }
}
