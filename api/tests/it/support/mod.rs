//! An API with personas, and a worker to move runs along.

mod answer;
mod app;
mod clock;
mod contract;
mod documents;
mod fixtures;
mod html;
mod looks;
mod portal;
mod tables;
mod user;
mod worker;

pub(crate) use answer::Answer;
pub(crate) use app::{MAIL_SECRET, TestApp};
pub(crate) use clock::ManualClock;
pub(crate) use documents::{CHECKED, NOOP, named};
pub(crate) use tables::rows;
pub(crate) use user::User;
