//! Where runs, and what they send, are in traces.

use crate::portable::Portable;

pub(crate) const TRACES: Portable = Portable {
    name: "m0014_traces",
    sql: include_str!("../sql/0014_traces.sql"),
};
