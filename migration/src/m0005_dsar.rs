//! Requests of people for their data, and what opens their packages.

use crate::portable::Portable;

pub(crate) const DSAR: Portable = Portable {
    name: "m0005_dsar",
    sql: include_str!("../sql/0005_dsar.sql"),
};
