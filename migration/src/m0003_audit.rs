//! The audit trail.

use crate::portable::Portable;

pub(crate) const AUDIT: Portable = Portable {
    name: "m0003_audit",
    sql: include_str!("../sql/0003_audit.sql"),
};
