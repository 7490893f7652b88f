//! `GET /errors/{code}`: what the `type` of a problem leads to.

use poem_openapi::{OpenApi, param::Path};

use super::file::{File, PLAIN_POLICY};
use crate::{
    error::{Code, Failed, Failures, Problem, page},
    routes::Tag,
};

pub(crate) struct ErrorCode;

impl Failures for ErrorCode {
    const CODES: &'static [Code] = &[Code::NotFound];
}

#[OpenApi]
impl ErrorCode {
    /// What an error code means
    #[oai(
        path = "/errors/:code",
        method = "get",
        operation_id = "getErrorCode",
        tag = "Tag::Service"
    )]
    async fn get(
        &self,
        /// The `code` of a problem.
        code: Path<String>,
    ) -> Result<File, Failed<Self>> {
        let unknown = || Problem::new(Code::NotFound, "There is no such error code.").parameter("code");
        let code = Code::from_name(&code.0).ok_or_else(unknown)?;
        Ok(File {
            media: "text/html; charset=utf-8",
            policy: PLAIN_POLICY,
            body: page(code).into(),
        })
    }
}
