//! `/api/v1/audit`.

mod list;

pub(crate) use list::List;
