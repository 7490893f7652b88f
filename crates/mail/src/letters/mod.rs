//! Letters, one a file, each with a template for plain text and one for HTML in `templates/`.

mod bill;
mod consent_confirm;
mod dsar_confirm;
mod dsar_ready;
mod dsar_update;
mod dunning_day1;
mod dunning_day14;
mod dunning_day7;
mod dunning_suspended;
mod marketing;
mod payment_action_required;
mod payment_recovered;
mod report_ready;
mod test;

pub use bill::Bill;
pub use consent_confirm::ConsentConfirm;
pub use dsar_confirm::DsarConfirm;
pub use dsar_ready::DsarReady;
pub use dsar_update::DsarUpdate;
pub use dunning_day1::DunningDay1;
pub use dunning_day7::DunningDay7;
pub use dunning_day14::DunningDay14;
pub use dunning_suspended::DunningSuspended;
pub use marketing::Marketing;
pub use payment_action_required::PaymentActionRequired;
pub use payment_recovered::PaymentRecovered;
pub use report_ready::ReportReady;
pub use test::Test;
