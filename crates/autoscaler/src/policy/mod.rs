//! The rule: settings, inputs, what a number of workers would cost, and the decision.

mod autoscaler;
mod decide;
mod decision;
mod inputs;
mod load;
mod plan;
mod settings;

pub(crate) use load::Load;

pub use autoscaler::Autoscaler;
pub use decide::decide;
pub use decision::{Candidate, Decision, Reason};
pub use inputs::{ClassInputs, Inputs, Recommendation};
pub use settings::{Mode, Settings, SettingsError};
