//! The protocol of `docs/PROTOCOL.md` as a model whose every state is visited.
//!
//! [`Protocol`] is a stateright model: a store that interleaves statements as READ COMMITTED does, worker processes that crash,
//! stand still and leave, a rescuer, a queue that loses and doubles hints, and clients whose statements are answered with
//! "unknown". [`Bounds`] says how large a world is, [`Promise`] what must hold in every state of it, and [`Bug`] plants one
//! broken rule, which the checker has to find. `docs/model.md` says what is not modelled.

mod action;
mod bounds;
mod bug;
mod due;
mod faults;
mod inspect;
mod machine;
mod perform;
mod promise;
mod protocol;
mod reached;
mod second;
mod state;
mod statement;
mod store;
mod symmetry;
mod tables;
mod trace;
mod write;

pub use action::Action;
pub use bounds::{Bounds, CANCEL, EARLY, Faults, LEAVES, PAIR, SIGNAL, STOPS, Step};
pub use bug::Bug;
pub use promise::Promise;
pub use protocol::Protocol;
pub use state::State;
pub use statement::Op;
pub use tables::{Kind, RunState};
pub use trace::text;
