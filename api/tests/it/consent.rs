//! `/api/marketing/…`, `/marketing/preferences/{token}`, `/api/v1/consents` and `/api/v1/marketing/…`.

mod asking;
mod pages;
mod rig;
mod scanners;
mod sending;
mod tenants;
