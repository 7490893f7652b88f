//! A deterministic simulation of engine, store and queue, with faults between any two effects.
//!
//! The machine (`levqor-engine`) and the documents (`levqor-workflow`) are the product's own, and so are the journals. Store,
//! queue, API, workers and schedulers are small state machines that follow the product step by step, driven by one scheduler
//! whose every choice follows from a seed. Nothing of the product links this crate. See `docs/simulation.md`.

mod api;
mod ask;
mod batcher;
mod bug;
mod caller;
mod check;
mod dice;
mod documents;
mod evaluate;
mod faults;
mod history;
mod ids;
mod lanes;
mod outside;
mod process;
mod queue;
mod scheduler;
mod store;
mod tally;
mod times;
mod worker;
mod world;

use levqor_engine::Micros;

pub use self::{
    bug::Bug,
    check::{Checker, Violation},
    documents::Documents,
    tally::Tally,
};
use self::{evaluate::Remembering, world::World};

/// What became of a seed.
#[derive(Debug)]
pub struct Played {
    /// Of the whole history: equal for two plays of one seed.
    pub digest: u64,
    /// The history, when it was asked for.
    pub lines: Vec<String>,
    /// Rules that were broken; none when the protocol holds.
    pub violations: Vec<Violation>,
    /// What happened, and how often.
    pub tally: Tally,
}

/// Plays seeds one after another. One for each thread.
pub struct Player<'d> {
    documents: &'d Documents,
    evaluator: Remembering,
}

impl<'d> Player<'d> {
    /// Over these documents.
    pub fn new(documents: &'d Documents) -> Self {
        Self {
            documents,
            evaluator: Remembering::default(),
        }
    }

    /// Plays a seed, with a planted bug or without, and keeps its history when `trace` says so.
    pub fn play(&self, seed: u64, bug: Option<Bug>, trace: bool) -> Played {
        World::new(seed, bug, trace, self.documents, &self.evaluator).play()
    }
}
