//! People, the audit trail and mails.

use super::{Action, DELETED, Policy};

pub(super) const POLICIES: &[Policy] = &[
    Policy {
        dataset: "user_tokens",
        clock: "expires_at",
        basis: "a person acts for themselves until the token runs out",
        article: "UK GDPR art. 6(1)(b)",
        owner: "people",
        ..DELETED
    },
    // The chain stays; what names a person goes.
    Policy {
        dataset: "audit_events",
        action: Action::Anonymise,
        bounds: Some((2_192, 3_653)),
        clock: "at",
        blank: &["payload", "salt", "user_id"],
        basis: "what was done to a person's data can be shown as long as a claim can be brought",
        article: "UK GDPR art. 5(2), 17(3)(e); Limitation Act 1980 s. 5",
        owner: "audit",
        ..DELETED
    },
    Policy {
        dataset: "mails",
        bounds: Some((7, 365)),
        clock: "ended_at",
        basis: "whether a mail was sent, delivered or refused can be told to its sender and recipient",
        article: "UK GDPR art. 6(1)(f)",
        owner: "mail",
        ..DELETED
    },
];
