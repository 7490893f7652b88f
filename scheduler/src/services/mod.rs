//! One file per service.

pub(crate) mod autoscaler;
pub(crate) mod billing;
pub(crate) mod cron;
pub(crate) mod events;
pub(crate) mod expiry;
pub(crate) mod figures;
pub(crate) mod ledger;
pub(crate) mod mail;
pub(crate) mod money;
pub(crate) mod notion;
pub(crate) mod outbox;
pub(crate) mod partitions;
pub(crate) mod relay;
pub(crate) mod rescuer;
pub(crate) mod status;
pub(crate) mod sweeper;
pub(crate) mod timers;
pub(crate) mod vacuum;
