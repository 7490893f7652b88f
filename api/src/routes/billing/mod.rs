//! What a tenant owes, and ways to pay it.

mod pay;
mod pay_page;
mod portal;
mod status;

use std::sync::Arc;

use super::stripe::Webhook;
use crate::state::Shared;

/// The operations of billing, in the order of their paths.
pub(crate) type Operations = (
    portal::OpenPortal,
    status::Status,
    pay_page::PayPage,
    pay::Pay,
    Webhook,
);

/// The same over a running API.
pub(super) fn operations(shared: &Arc<Shared>) -> Operations {
    let s = || Arc::clone(shared);
    (
        portal::OpenPortal(s()),
        status::Status(s()),
        pay_page::PayPage(s()),
        pay::Pay(s()),
        Webhook(s()),
    )
}
