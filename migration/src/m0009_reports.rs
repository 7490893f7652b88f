//! Reports as PDF.

use crate::portable::Portable;

pub(crate) const REPORTS: Portable = Portable {
    name: "m0009_reports",
    sql: include_str!("../sql/0009_reports.sql"),
};
