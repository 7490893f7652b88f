//! Tables of the engine. Services of the scheduler apply these rules all day; a row is gone minutes after its time.

use levqor_entities::data_map::ENDED_DAYS;

use super::{Action, By, DELETED, Policy};

/// What services do.
const SERVED: Policy = Policy {
    by: By::Scheduler,
    owner: "engine",
    ..DELETED
};

/// Ended runs. Their class is the document's to say, their time within bounds the tenant's.
const ENDED: Policy = Policy {
    action: Action::Drop,
    clock: "ended_at",
    basis: "a customer follows its runs and is helped with them",
    article: "UK GDPR art. 6(1)(b)",
    ..SERVED
};

const fn days(class: usize) -> u16 {
    ENDED_DAYS[class].1
}

pub(super) const POLICIES: &[Policy] = &[
    Policy {
        dataset: "ended.standard",
        days: Some(days(0)),
        bounds: Some((1, 365)),
        only: Some(("class", "standard")),
        ..ENDED
    },
    Policy {
        dataset: "ended.short",
        days: Some(days(1)),
        bounds: Some((1, 30)),
        only: Some(("class", "short")),
        ..ENDED
    },
    Policy {
        dataset: "ended.long",
        days: Some(days(2)),
        bounds: Some((30, 2_557)),
        only: Some(("class", "long")),
        ..ENDED
    },
    Policy {
        dataset: "idempotency",
        key: &["tenant_id", "key"],
        clock: "expires_at",
        basis: "a request that is repeated starts nothing twice",
        article: "UK GDPR art. 6(1)(b)",
        ..SERVED
    },
    Policy {
        dataset: "events",
        clock: "at",
        basis: "an event that comes twice is delivered once",
        article: "UK GDPR art. 6(1)(f)",
        ..SERVED
    },
    Policy {
        dataset: "batches",
        key: &["token"],
        clock: "at",
        basis: "a repeated commit is known; no personal data",
        article: "none needed",
        ..SERVED
    },
    Policy {
        dataset: "workers",
        clock: "beat_at",
        basis: "people see which processes died; no personal data",
        article: "none needed",
        ..SERVED
    },
];
