//! What the provider reports of mails it took.

mod event;
mod signature;

pub use event::{Event, apply};
pub use signature::{BadSecret, Secrets, Signed};
