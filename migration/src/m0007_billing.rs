//! Who pays for tenants, what Stripe says of their invoices, policies of dunning.

use crate::portable::Portable;

pub(crate) const BILLING: Portable = Portable {
    name: "m0007_billing",
    sql: include_str!("../sql/0007_billing.sql"),
};
