//! The HTTP client of a verification.

use std::time::Duration;

use levqor_egress::{Egress, Policy};

/// Whoever runs a verification names the addresses, so all may be reached.
pub(crate) fn client() -> Egress {
    let everywhere = ["0.0.0.0/0", "::/0"];
    Egress::new(Policy {
        allow_loopback: true,
        allow: everywhere.iter().filter_map(|net| net.parse().ok()).collect(),
        connect_timeout: Duration::from_secs(3),
        ..Policy::default()
    })
}
