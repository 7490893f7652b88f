//! `/api/v1/keys`.

mod create;
mod list;
mod revoke;
mod view;

pub(crate) use create::Create;
pub(crate) use list::List;
pub(crate) use revoke::Revoke;
