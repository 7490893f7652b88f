//! `GET` and `PUT /api/v1/marketing/sender`.

mod get;
mod put;
mod view;

pub(crate) use get::GetSender;
pub(crate) use put::PutSender;
