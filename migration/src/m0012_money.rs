//! Costs and value of runs, the ledger, budgets.

use crate::portable::Portable;

pub(crate) const MONEY: Portable = Portable {
    name: "m0012_money",
    sql: include_str!("../sql/0012_money.sql"),
};
