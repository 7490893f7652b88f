//! A fleet on a trace, under a rule, with its cost.
//!
//! Discrete events in whole milliseconds: runs arrive, wait by class and age, hold a slot, end; workers are asked for, start,
//! take work, drain. A rule is asked every 15 seconds, as an HPA is (`--horizontal-pod-autoscaler-sync-period`). Everything
//! that was accepted is done, after the end of the trace if need be, and counts.

mod backlog;
mod compare;
mod cost;
mod cpu;
mod due;
mod fleet;
mod fluid;
mod fluid_search;
mod hpa;
mod optimum;
mod outage;
mod play;
mod profit;
mod rule;
mod search;
mod world;

pub use backlog::{BacklogRule, Counted, Triggers};
pub use compare::{Comparison, Contender, compare};
pub use cost::Cost;
pub use cpu::CpuRule;
pub use optimum::{Effort, optimum};
pub use play::{Outcome, Sample, simulate};
pub use profit::ProfitRule;
pub use rule::{Constant, Look, Rule, Schedule};

/// Milliseconds between two questions to a rule.
pub const TICK_MS: u64 = 15_000;
