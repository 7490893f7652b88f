//! What the autoscaler sees and what it decided.

use crate::portable::Portable;

pub(crate) const AUTOSCALER: Portable = Portable {
    name: "m0013_autoscaler",
    sql: include_str!("../sql/0013_autoscaler.sql"),
};
