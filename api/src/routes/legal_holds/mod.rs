//! `/api/v1/legal-holds`: what must not be deleted although its time is over.

mod create;
mod list;
mod release;
mod view;

use std::sync::Arc;

use crate::state::Shared;

/// Its operations.
pub(super) type Operations = (list::List, create::Create, release::Release);

pub(super) fn operations(shared: &Arc<Shared>) -> Operations {
    let s = || Arc::clone(shared);
    (list::List(s()), create::Create(s()), release::Release(s()))
}
