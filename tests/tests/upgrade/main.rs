//! The database and the runs under way of a previous release continue under this program.

mod fixture;
mod previous;
