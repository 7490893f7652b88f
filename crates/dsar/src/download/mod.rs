//! The one download.
//!
//! Three things are needed: the token of the mailed link, a session of the person (only there a code is issued), and the
//! code. NIST SP 800-63B-4 does not take e-mail as a second factor, so the code never goes by mail.
//!
//! A try is counted before the code is checked, so that many at once get no more than three. The right one takes the code
//! and the grant in one UPDATE each, of one commit: of many right ones, one is granted. When its transfer breaks, the
//! person asks for another code and repeats it, within an hour and at most three times; that is the same grant.

mod gate;
mod issue;
mod redeem;
mod rules;
mod wrong;

pub use gate::Gate;
pub use issue::{Issued, issue};
pub use redeem::{Download, redeem, redeemable};

/// What download tokens begin with.
pub(crate) const TOKEN: &str = "lvx_";
