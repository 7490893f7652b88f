//! Mails. Whoever wants one sent writes it with [`enqueue`] in the transaction of what it tells about; the scheduler
//! sends it later through a [`Mailer`], once for each message and recipient.
//!
//! ```text
//! enqueue -> mails (queued) -> lease -> gate -> transport -> sent | failed
//!                                        \-> suppressed | refused
//! provider's webhook -> delivered, bounced, complained -> mail_suppressions
//! ```
//!
//! **Who gets what.** The gate is asked when a mail leaves, not when it is written. Marketing goes only to who has
//! consented to its scope at that moment, and to no address that bounced for good or whose owner complained (PECR reg.
//! 22, GDPR 21(3)). Transactional mail goes to all but addresses that bounced for good: there nobody would get it, and
//! repeating it harms the sender's name. A complaint does not stop it, since contract or law may ask for it.
//!
//! **Once.** A mail is leased, sent, then marked, each in a commit of its own, so a process that dies between the last
//! two sends it again. Resend knows the repeat by its idempotency key for 24 hours, longer than all tries take; a
//! folder overwrites the same file; an SMTP server does not, and the two copies have the same Message-ID.

mod attachment;
mod enqueue;
mod envelope;
mod gate;
mod letter;
pub mod letters;
mod mailer;
mod message;
mod mime;
mod options;
mod outbox;
pub mod read;
pub mod suppressions;
#[cfg(test)]
mod testing;
mod transport;
pub mod webhook;

pub use attachment::Attachment;
pub use enqueue::enqueue;
pub use envelope::{Envelope, Kind};
pub use letter::Letter;
pub use levqor_entities::mails::Model as Leased;
pub use mailer::{Mailer, send_now};
pub use options::{BadOption, Options, SmtpServer, TransportOptions, sender};
pub use outbox::{Fate, MOST_TRIES, TRY_LIMIT};
pub use transport::{Failure, RESEND_URL, ready};
