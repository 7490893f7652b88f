//! What the product does for people: requests for data, consent, reports, billing.

use super::{By, DELETED, Policy};

/// Books: six years after the financial year they belong to, whenever that ends, are at most seven, of which two have a
/// leap day.
const BOOKS: Policy = Policy {
    bounds: Some((2_557, 3_653)),
    basis: "company and tax records are kept for six years after the financial year",
    article: "Companies Act 2006 s. 388; Finance Act 1998 sch. 18 para. 21; UK GDPR art. 6(1)(c)",
    owner: "billing",
    ..DELETED
};

pub(super) const POLICIES: &[Policy] = &[
    Policy {
        dataset: "dsar_requests",
        bounds: Some((365, 2_192)),
        clock: "received_at",
        basis: "whether a request was answered in time can be shown to the person and to the authority",
        article: "UK GDPR art. 5(2), 12(3), 6(1)(c)",
        owner: "dsar",
        ..DELETED
    },
    Policy {
        dataset: "dsar_grants",
        by: By::Process,
        key: &["request_id"],
        clock: "confirm_until",
        basis: "what opens a package lives as long as the package",
        article: "UK GDPR art. 5(1)(f), 6(1)(c)",
        owner: "dsar",
        ..DELETED
    },
    Policy {
        dataset: "consents.expired",
        days: Some(30),
        by: By::Process,
        clock: "requested_at",
        only: Some(("status", "expired")),
        basis: "a question that nobody answered is not asked again at once",
        article: "UK GDPR art. 6(1)(c), 7(1)",
        owner: "consent",
        ..DELETED
    },
    Policy {
        dataset: "reports",
        bounds: Some((30, 2_557)),
        clock: "created_at",
        objects: &["reports/{}.pdf"],
        basis: "operations and evidence can be compared over a year",
        article: "UK GDPR art. 6(1)(f)",
        owner: "reports",
        ..DELETED
    },
    Policy {
        dataset: "notion_rows",
        bounds: Some((7, 365)),
        clock: "updated_at",
        basis: "what Notion has of a row is known as long as it may change",
        article: "UK GDPR art. 6(1)(f)",
        owner: "notion",
        ..DELETED
    },
    Policy {
        dataset: "stripe_events",
        clock: "received_at",
        ..BOOKS
    },
    Policy {
        dataset: "billing_invoices",
        clock: "updated_at",
        ..BOOKS
    },
    Policy {
        dataset: "billing_subscriptions",
        clock: "updated_at",
        ..BOOKS
    },
];
