//! PROTOCOL.md's rules on a real Postgres, each under its number. Beside each stands the form that breaks the rule,
//! written out and run, with the harm it does: if that harm can no longer be seen, the test says nothing any more.
//!
//! Interleavings are made by locks that the test holds: a product statement is let in, seen waiting, and let go.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod p01;
mod p01_keys;
mod p01_statistics;
mod p02;
mod p03;
mod p04;
mod p05;
mod p06;
mod p07;
mod p08;
mod p09;
mod p10;
mod p11;
mod p12;
mod p13;
mod p14;
mod p16;
mod rig;
mod silence;
mod vacuum;
