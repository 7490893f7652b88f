//! The rule with its memory: estimators and recent recommendations.

use super::{Decision, Inputs, Recommendation, Settings, SettingsError, decide};
use crate::{Observation, estimate::ClassEstimator};

/// The rule with its memory. The memory is small and may be lost: it fills again within minutes of looks.
#[derive(Debug, Clone)]
pub struct Autoscaler {
    settings: Settings,
    classes: Vec<ClassEstimator>,
    recent: Vec<Recommendation>,
}

impl Autoscaler {
    /// One that has seen nothing.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        settings.validate()?;
        Ok(Self {
            settings,
            classes: Vec::new(),
            recent: Vec::new(),
        })
    }

    /// Bounds and habits from the next look on; what was learned stays.
    pub fn set(&mut self, settings: Settings) -> Result<(), SettingsError> {
        settings.validate()?;
        self.settings = settings;
        Ok(())
    }

    /// Takes one look and decides.
    pub fn look(&mut self, seen: &Observation) -> Decision {
        let inputs = self.inputs(seen);
        let decision = decide(&inputs);
        self.recent.push(Recommendation {
            age_s: 0.0,
            workers: decision.recommended,
        });
        decision
    }

    fn inputs(&mut self, seen: &Observation) -> Inputs {
        self.age(seen.interval_s);
        if self.recent.is_empty() {
            // Without a past, as after a change of leader, what is there was wanted.
            self.recent.push(Recommendation {
                age_s: 0.0,
                workers: seen.fleet.workers(),
            });
        }
        self.classes
            .resize_with(seen.classes.len(), ClassEstimator::default);
        let classes = self
            .classes
            .iter_mut()
            .zip(&seen.classes)
            .map(|(estimator, class)| estimator.observe(seen.interval_s, class))
            .collect();
        Inputs {
            settings: self.settings.clone(),
            fleet: seen.fleet.clone(),
            worker_micros_per_hour: seen.worker_micros_per_hour,
            classes,
            recent: self.recent.clone(),
        }
    }

    fn age(&mut self, seconds: f64) {
        for past in &mut self.recent {
            past.age_s += seconds;
        }
        let window = self.settings.down_after_s;
        self.recent.retain(|past| past.age_s <= window);
    }
}
