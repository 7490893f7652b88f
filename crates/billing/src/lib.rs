//! Billing of tenants by the operator of the installation, through Stripe.
//!
//! ```text
//! webhook -> stripe_events (as it came) -> facts of an invoice or subscription -> past due? -> run `dunning`, one an invoice
//! ```
//!
//! Stripe delivers events in any order and repeatedly. So an event is not a command: it adds to what is known of its
//! object ([`Facts`], [`SubscriptionFacts`]), and adding is associative, commutative and idempotent. What follows from
//! the facts is a pure function of them ([`standing`]); when a stage is due, one of them and the policy ([`Policy`]).

mod account;
mod advance;
mod batch;
mod books;
mod event;
mod facts;
mod hold;
mod letters;
mod link;
mod mend;
mod money;
mod pay_link;
mod policy;
mod portal;
mod process;
mod receive;
mod signature;
mod stage;
mod standing;
mod start;
mod status;
mod subscription;
mod trail;

pub use account::suspended;
pub use advance::{Advance, advance};
pub use event::{About, Claim, Event, Unreadable};
pub use facts::{End, Facts, How, Snapshot};
pub use hold::{hold, release};
pub use link::{LinkError, Payer, link};
pub use mend::mend;
pub use money::Money;
pub use pay_link::{BadLink, pay_link, tenant_of};
pub use policy::{Letter, Policy, PolicyError, Step, install_policy, latest_policy};
pub use portal::{OpenError, Portal, PortalError, open_portal};
pub use process::process;
pub use receive::{Waiting, receive, waiting};
pub use signature::{BadSignature, WebhookSecret, verify};
pub use stage::Stage;
pub use standing::{Standing, standing};
pub use start::start_runs;
pub use status::{Owed, State, Status, status};
pub use subscription::{SubscriptionEnd, SubscriptionFacts, Switch};

/// Name of the process, in `workflows/`.
pub const DUNNING: &str = "dunning";

/// What the installation has from Stripe: without a setting the operations that need it answer 501.
#[derive(Clone, Default)]
pub struct Stripe {
    /// Secrets of the webhook endpoint; several while one is rolled.
    pub webhook_secrets: std::sync::Arc<[WebhookSecret]>,
    /// Makes sessions of the customer portal.
    pub portal: Option<std::sync::Arc<dyn Portal>>,
}
