//! What a page's form, or a program, sends to confirm or to download.

use poem_openapi::{
    Object,
    registry::{MetaSchemaRef, Registry},
    types::Type,
};
use serde::Deserialize;
use url::form_urlencoded;

use crate::{
    body::{Form, RawBody, typed},
    error::Problem,
};

const JSON: &str = "application/json";
const URLENCODED: &str = "application/x-www-form-urlencoded";

pub(crate) struct Body;

impl Form for Body {
    const MEDIA: &'static [&'static str] = &[JSON, URLENCODED];
    const LIMIT: usize = 4 * 1024;

    fn schema(_media: &str) -> MetaSchemaRef {
        Given::schema_ref()
    }

    fn register(registry: &mut Registry) {
        Given::register(registry);
    }
}

/// A link's token, and for a download the code that goes with it.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "ExportCredentials")]
pub(super) struct Given {
    /// The token of the link.
    pub token: String,
    /// Six digits; only for a download.
    pub code: Option<String>,
}

impl Given {
    /// Reads it; whether a form was sent, so that a page is to be answered.
    pub(super) async fn read(body: RawBody<Body>) -> Result<(Self, bool), Problem> {
        let media = body.media;
        let text = body.read().await?;
        if media == JSON {
            return Ok((typed(&text)?, false));
        }
        let field = |name: &str| {
            let found = form_urlencoded::parse(&text).find(|(own, _)| own == name);
            found.map(|(_, value)| value.into_owned())
        };
        Ok((
            Self {
                token: field("token").unwrap_or_default(),
                code: field("code"),
            },
            true,
        ))
    }
}
