//! `GET /docs`.

use poem_openapi::OpenApi;

use super::{
    file::{DOCS_POLICY, File},
    swagger::PAGE,
};
use crate::{
    error::{Code, Failed, Failures},
    routes::Tag,
};

pub(crate) struct Docs;

impl Failures for Docs {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl Docs {
    /// Interactive documentation
    ///
    /// Served whole from this program: a browser loads nothing from elsewhere.
    #[oai(
        path = "/docs",
        method = "get",
        operation_id = "getDocs",
        tag = "Tag::Service"
    )]
    async fn get(&self) -> Result<File, Failed<Self>> {
        Ok(File {
            media: "text/html; charset=utf-8",
            policy: DOCS_POLICY,
            body: PAGE.into(),
        })
    }
}
