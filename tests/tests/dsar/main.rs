//! A person's data, over the real binary.

mod bucket;
mod faults;
mod flow;
mod portal;
