//! Marketing consent: asked for by a tenant, given and withdrawn by a person on pages of ours, and mail on the strength of it.

mod confirm;
mod confirm_page;
mod list;
mod person;
mod preferences;
mod preferences_page;
mod receipt;
mod revoke;
mod rules;
mod send;
mod sender;
mod start;
mod unsubscribe;
mod unsubscribe_page;
mod view;

use std::sync::Arc;

use crate::state::Shared;

/// The operations of consent, in the order of their paths.
pub(crate) type Operations = (
    (confirm_page::ConfirmPage, confirm::Confirm, start::Start),
    (unsubscribe_page::UnsubscribePage, unsubscribe::Unsubscribe),
    (preferences_page::PreferencesPage, preferences::Choose),
    (list::List, revoke::Revoke, receipt::Receipt),
    (send::Send, sender::GetSender, sender::PutSender),
);

/// The same over a running API.
pub(super) fn operations(shared: &Arc<Shared>) -> Operations {
    let s = || Arc::clone(shared);
    (
        (
            confirm_page::ConfirmPage(s()),
            confirm::Confirm(s()),
            start::Start(s()),
        ),
        (
            unsubscribe_page::UnsubscribePage(s()),
            unsubscribe::Unsubscribe(s()),
        ),
        (preferences_page::PreferencesPage(s()), preferences::Choose(s())),
        (list::List(s()), revoke::Revoke(s()), receipt::Receipt(s())),
        (send::Send(s()), sender::GetSender(s()), sender::PutSender(s())),
    )
}
