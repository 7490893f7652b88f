//! The OpenAPI document, generated from the operations.

use std::{marker::PhantomData, sync::LazyLock};

use poem_openapi::{LicenseObject, OpenApiService};

use crate::routes::{Described, Operations};

const DESCRIPTION: &str = "A durable workflow engine. Store a workflow document, start runs of it, follow them to \
    their end. Every error is an `application/problem+json` object (RFC 9457) with a stable `code`.";

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let mut text = OpenApiService::new(
        Described::<Operations>(PhantomData),
        "Levqor API",
        env!("CARGO_PKG_VERSION"),
    )
    .description(DESCRIPTION)
    .license(LicenseObject::new("MIT OR Apache-2.0"))
    .spec();
    text.push('\n');
    text
});

/// The document as JSON, the same for every start of this version.
pub fn document() -> &'static str {
    &DOCUMENT
}
