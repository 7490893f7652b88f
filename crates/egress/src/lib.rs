//! The one HTTP client that may leave the machine.
//!
//! Where a request goes is often written by a customer, so each hop is checked before a connection is made: http and
//! https only, no credentials in the URL, and every address the name resolves to against the [`Policy`]. A connection is
//! made to a checked address only, whatever the name resolves to a moment later. Redirects are followed here, hop by
//! hop, under the same checks. Proxy variables of the environment and the system's certificates are not read.

mod client;
mod error;
mod policy;
mod ranges;
mod redirect;
mod request;
mod resolver;
mod response;
#[cfg(test)]
mod tests;

pub use client::Egress;
pub use error::EgressError;
pub use policy::Policy;
pub use request::Request;
pub use response::Response;
