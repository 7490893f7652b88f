//! Newtype ids and the store's time. A function that wants a run cannot be given a tenant.

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        // Asked for by sea-orm of every key; the database makes no such ids.
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    };
}

id!(
    /// A run; UUIDv7-shaped, so ids sort by time of acceptance.
    RunId
);
id!(
    /// A tenant: the owner of workflows, runs and keys.
    TenantId
);
id!(
    /// One immutable version of a workflow document.
    WorkflowId
);
id!(
    /// A worker process; made anew at each start, never reused.
    WorkerId
);
id!(
    /// An API key (not its secret).
    KeyId
);
id!(
    /// What an address agreed to for one list.
    ConsentId
);
id!(
    /// An e-mail address that was asked for a consent.
    ContactId
);
id!(
    /// A text by which people are asked for a consent.
    WordingId
);
id!(
    /// A marketing mail to many, as ordered.
    SendId
);
id!(
    /// A person whose data a tenant keeps here.
    UserId
);
id!(
    /// A user's token (not its secret).
    UserTokenId
);
id!(
    /// An entry of the audit trail.
    AuditId
);
id!(
    /// A person's request for their data; UUIDv7-shaped, so ids sort by time of receipt.
    DsarId
);
id!(
    /// A mail to one recipient; UUIDv7-shaped, so ids sort by time.
    MailId
);
id!(
    /// A legal hold; UUIDv7-shaped, so ids sort by time.
    HoldId
);
id!(
    /// A sweep of what has outlived its retention: the run that performs it, when a run does.
    SweepId
);
id!(
    /// A report.
    ReportId
);
id!(
    /// A row for Notion.
    NotionRowId
);
id!(
    /// A decision of the autoscaler; UUIDv7-shaped, so ids sort by time.
    DecisionId
);
id!(
    /// An entry of the ledger; UUIDv7-shaped, so ids sort by time.
    LedgerEntryId
);
id!(
    /// A budget.
    BudgetId
);
id!(
    /// An incident of the service; UUIDv7-shaped, so ids sort by time of writing.
    IncidentId
);
id!(
    /// What an operator said of an incident.
    NoteId
);

/// A wall time of the store's clock: microseconds since the Unix epoch, UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This time plus `duration`, saturating.
    pub fn after(self, duration: std::time::Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)),
        )
    }

    /// Time from `earlier` to this one; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> std::time::Duration {
        std::time::Duration::from_micros(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }
}
