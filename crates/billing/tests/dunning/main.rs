//! From Stripe's events to letters and suspension, on a database.

mod clearing;
mod databases;
mod linking;
mod rig;
mod stages;
