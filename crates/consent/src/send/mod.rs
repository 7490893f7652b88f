//! Marketing mail: one text for all of a list who have agreed to it. An order is a row; a process of ours writes its mails
//! into the outbox page by page, and whoever has withdrawn by the time a mail leaves does not get it.

mod order;
mod queue;

pub use order::{Order, Placed, RECIPIENTS, order};
pub use queue::{Progress, queue};
