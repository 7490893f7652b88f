//! What runs cost and bring in.
//!
//! ```text
//! end of runs, mail sent -> usage -> fold: usage_days (sums and costs), ledger_entries and ledger_postings
//!                                     \-> budgets: asked at intake and before each call
//! ```
//!
//! The statement that ends runs writes what they used, so that it counts once (docs/PROTOCOL.md, P3). The leader takes
//! those rows out and books them in one transaction ([`fold`]). Amounts are minor units of the installation's one
//! currency; costs are counted in millionths of them, and what is not yet a minor unit is carried on, never rounded away.

mod accounting;
mod book;
mod budgets;
mod chart;
mod entries;
mod fold;
mod overview;
mod period;
mod standing;
mod summary;
mod watch;

pub use accounting::{Accounting, PlanValues};
pub use budgets::{BudgetError, Change, MOST_BUDGETS, NewBudget, budget, budgets, change, create, delete};
pub use chart::ACCOUNTS;
pub use entries::{Filter, entries};
pub use fold::{Amounts, Booked, fold};
pub use levqor_entities::{
    budgets::{Action, Model as Budget, Period, Scope},
    ledger_entries::Model as Entry,
    ledger_postings::Model as Posting,
};
pub use levqor_store::{DayMargin, Prices};
pub use overview::{Overview, overview};
pub use standing::{Standing, standings};
pub use summary::{Every, Line, Summary, TooMany, summary};
pub use watch::{Spender, Watch};

/// Millionths in a minor unit.
pub const MICROS: i64 = 1_000_000;
