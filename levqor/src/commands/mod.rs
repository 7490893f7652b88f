//! One file per command.

pub(crate) mod activities;
pub(crate) mod bench;
pub(crate) mod config;
pub(crate) mod key;
pub(crate) mod migrate;
pub(crate) mod reference;
pub(crate) mod roles;
pub(crate) mod run;
pub(crate) mod up;
pub(crate) mod validate;
