//! Pages and files about the API.

#![expect(clippy::unused_async, reason = "the OpenApi macro takes async functions only")]

mod asset;
mod docs;
mod document;
mod error_code;
mod file;
mod index;
mod swagger;

pub(crate) use asset::Asset;
pub(crate) use docs::Docs;
pub(crate) use document::Document;
pub(crate) use error_code::ErrorCode;
pub(crate) use index::Index;
