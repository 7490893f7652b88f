//! Stripe, asked through [`Egress`]: requests and their types are async-stripe's, the connection is ours. Each request
//! is made once under a key of its caller's; whoever asks decides whether to ask again.

mod client;
mod error;
mod session;

pub use client::Client;
pub use error::Failure;

#[cfg(doc)]
use levqor_egress::Egress;
