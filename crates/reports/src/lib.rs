//! Reports. An order is a row ([`order`]); [`render`] gathers the figures, writes the PDF and stores it; [`mail`] sends
//! it. Each step may be repeated.
//!
//! A report of a tenant tells about that tenant only; one of [`levqor_processes::SYSTEM`](../levqor_processes) tells the
//! operator about the installation, in sums.

mod daily;
mod error;
mod evidence;
mod mail;
mod numbers;
mod operations;
mod order;
mod period;
mod render;

pub use daily::daily;
pub use error::ReportError;
pub use levqor_entities::{
    ids::ReportId,
    reports::{Kind, Model as Report, State},
};
pub use mail::mail;
pub use order::{NewReport, find, list, order};
pub use period::{Period, day_before, week_before};
pub use render::{object_key, render};

use levqor_platform::Platform;
use levqor_store::TenantId;

/// Whose report it is.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// What the rules stand on.
    pub platform: &'a Platform,
    /// Whose row the report is.
    pub tenant: TenantId,
    /// Whether that is the installation: then it tells about all.
    pub installation: bool,
}

impl Scope<'_> {
    /// The tenant to count, or none to count all.
    fn counted(&self) -> Option<TenantId> {
        (!self.installation).then_some(self.tenant)
    }
}
