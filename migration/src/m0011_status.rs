//! The status of the service: snapshots, incidents, notes of operators.

use crate::portable::Portable;

pub(crate) const STATUS: Portable = Portable {
    name: "m0011_status",
    sql: include_str!("../sql/0011_status.sql"),
};
