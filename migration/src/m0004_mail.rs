//! The outbox of mails, and addresses that get none.

use crate::portable::Portable;

pub(crate) const MAIL: Portable = Portable {
    name: "m0004_mail",
    sql: include_str!("../sql/0004_mail.sql"),
};
