//! Where runs live: one trait, [`Store`], over Postgres and SQLite, and the batchers that group its writes.
//!
//! The rules (P1..P16) are those of docs/PROTOCOL.md; the statements are in `postgres/` and `sqlite/`.

mod api;
mod backlog;
pub mod batch;
mod bounded;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod db;
mod decisions;
mod demand;
mod error;
mod expiry;
mod facts;
mod fleet;
mod ids;
mod margins;
pub mod postgres;
mod spending;
mod sqlite;
mod tallies;

pub use api::*;
pub use backlog::WaitingRuns;
pub use bounded::Bounded;
pub use clock::Clock;
pub use db::{Db, Tx};
pub use decisions::Decided;
pub use demand::{DueSchedule, DueTimers, Flow, Load};
pub use error::{DataError, StoreError};
pub use expiry::{Expired, Gone, Span, Target};
pub use facts::{Product, ServerFacts};
pub use fleet::{Fleet, LiveRuns, Waiting};
pub use ids::IdSource;
pub use levqor_entities::ids::{
    AuditId, BudgetId, DecisionId, KeyId, LedgerEntryId, MailId, RunId, TenantId, Timestamp, UserId,
    UserTokenId, WorkerId, WorkflowId,
};
pub use levqor_entities::retention_class::RetentionClass;
pub use margins::DayMargin;
pub use spending::{DaySum, Prices, Spending, Used};
pub use sqlite::{OpenError, SqliteOptions, SqliteStore};
pub use tallies::Tally;
