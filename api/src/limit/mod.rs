//! How many requests a caller may make. Counted in this process: with several API processes behind one address,
//! each allows the whole rate.

mod anonymous;
mod plans;
mod window;

pub(crate) use anonymous::Anonymous;
pub(crate) use plans::Plans;
pub(crate) use window::Verdict;
