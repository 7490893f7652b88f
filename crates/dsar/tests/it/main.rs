//! Requests from their making to their end, on both databases.

mod crash;
mod decide;
mod download;
mod exports;
mod quota;
mod rig;
mod steps;
