//! What a page needs of the person before it, and the pages that say a link leads nowhere.

use askama::Template;
use levqor_consent::Evidence;
use levqor_platform::{NotConfigured, Platform};
use levqor_store::TenantId;

use crate::{
    error::Problem,
    page::{Page, render},
    visitor::Visitor,
};

/// What is kept of the person, once it is known whose list it is about.
pub(super) fn evidence(
    platform: &Platform,
    visitor: &Visitor,
) -> impl Fn(TenantId) -> Result<Evidence, NotConfigured> {
    move |tenant| {
        Evidence::of(
            platform,
            tenant,
            Some(visitor.address.truncated()),
            visitor.agent(),
        )
    }
}

#[derive(Template)]
#[template(path = "consent/unknown.html")]
struct Unknown;

/// The link is not one of ours, or of no use any more.
pub(super) fn unknown() -> Result<Page, Problem> {
    render("This link leads nowhere", &Unknown)
}
