//! Marketing consent, and what is sent on it.

use crate::portable::Portable;

pub(crate) const CONSENT: Portable = Portable {
    name: "m0006_consent",
    sql: include_str!("../sql/0006_consent.sql"),
};
