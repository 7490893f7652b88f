//! The profit rule: the autoscaler as it runs in the scheduler.

use super::{Look, Rule};
use crate::{Autoscaler, Settings, SettingsError};

/// The autoscaler as it runs in the scheduler.
#[derive(Debug, Clone)]
pub struct ProfitRule(Autoscaler);

impl ProfitRule {
    /// One that has seen nothing.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        Autoscaler::new(settings).map(Self)
    }
}

impl Rule for ProfitRule {
    fn workers(&mut self, look: &Look) -> u32 {
        self.0.look(&look.seen).desired
    }
}
