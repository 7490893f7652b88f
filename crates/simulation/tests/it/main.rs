//! Seeds of the simulation.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bugs;
mod plays;
mod seeds;
