//! `GET /docs/{file}`.

use poem_openapi::{OpenApi, param::Path};

use super::{
    file::{DOCS_POLICY, File},
    swagger::{START, script, style},
};
use crate::{
    error::{Code, Failed, Failures, Problem},
    routes::Tag,
};

pub(crate) struct Asset;

impl Failures for Asset {
    const CODES: &'static [Code] = &[Code::NotFound];
}

#[OpenApi]
impl Asset {
    /// Files of the documentation page
    #[oai(
        path = "/docs/:file",
        method = "get",
        operation_id = "getDocsFile",
        tag = "Tag::Service"
    )]
    async fn get(
        &self,
        /// `swagger-ui.js`, `swagger-ui.css` or `start.js`.
        file: Path<String>,
    ) -> Result<File, Failed<Self>> {
        let (media, body) = match file.0.as_str() {
            "swagger-ui.js" => ("text/javascript; charset=utf-8", script()),
            "swagger-ui.css" => ("text/css; charset=utf-8", style()),
            "start.js" => ("text/javascript; charset=utf-8", START),
            _ => {
                return Err(Problem::new(Code::NotFound, "There is no such file.")
                    .parameter("file")
                    .into());
            }
        };
        Ok(File {
            media,
            policy: DOCS_POLICY,
            body: body.into(),
        })
    }
}
