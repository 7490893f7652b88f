//! Pages for people: rendered here, whole without a script, in one layout (`api/templates/layout.html`).
//!
//! A page's template in `api/templates/` holds what stands below the heading; [`render`] puts title and heading above it,
//! so it begins with text or an `<h2>`. Of the one style sheet it may use: `<form>` with `<fieldset>`, `<legend>` and a
//! `<label>` around each input (`label.choice` around a checkbox), `<button>` and `button.second`, `.notice` with `.good`
//! or `.bad`, `.hint`, `.error`, `<dl>`, and a `<table>` with a caption and so few columns that a phone holds them. Styles
//! in attributes and scripts are refused by the page's policy. A form posts to this server only, and no page changes anything before its form is sent.

mod answer;
mod leading;

use std::sync::LazyLock;

use askama::Template;
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

pub(crate) use answer::Page;
pub(crate) use leading::Leading;

use crate::error::{Code, Problem};

/// The style sheet. It stands in the page: one request less, and nothing a cache could mix up.
const STYLE: &str = include_str!("../../templates/style.css");

/// Only that style sheet, by its hash; forms go to this server.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
});

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a> {
    title: &'a str,
    style: &'a str,
    body: &'a str,
}

/// A page in the layout. `title` is its heading too; it and all values of `body` are escaped.
///
/// # Errors
/// The template cannot be rendered, which is a mistake of this program.
pub(crate) fn render(title: &str, body: &impl Template) -> Result<Page, Problem> {
    let style = STYLE;
    let layout = |body: String| {
        Layout {
            title,
            style,
            body: &body,
        }
        .render()
    };
    body.render().and_then(layout).map(Page).map_err(|error| {
        tracing::error!(%error, title, "page cannot be rendered");
        Problem::new(Code::Internal, "The page could not be written.")
    })
}

#[cfg(test)]
mod tests;
