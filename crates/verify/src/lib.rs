//! `levqor verify`: runs workflows over the public API of an installation while a nemesis harms it, then checks what the
//! API says happened.

pub mod checkers;
mod client;
pub mod faults;
pub mod history;
pub mod installation;
pub mod nemesis;
pub mod report;
pub mod session;
pub mod stopwatch;
mod workload;
