//! `GET /errors/{code}`: what the `type` of a problem leads to.

use askama::Template;
use poem_openapi::{OpenApi, param::Path};

use crate::{
    error::{Code, Failed, Failures, Problem},
    page::{Page, render},
    routes::Tag,
};

pub(crate) struct ErrorCode;

impl Failures for ErrorCode {
    const CODES: &'static [Code] = &[Code::NotFound];
}

#[derive(Template)]
#[template(path = "error_code.html")]
struct Body {
    name: &'static str,
    status: u16,
    what: Vec<&'static str>,
    action: Vec<&'static str>,
}

/// The texts of a code are Markdown as far as backticks: every second part is code.
fn parts(text: &'static str) -> Vec<&'static str> {
    text.split('`').collect()
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
    ) -> Result<Page, Failed<Self>> {
        let unknown = || Problem::new(Code::NotFound, "There is no such error code.").parameter("code");
        let code = Code::from_name(&code.0).ok_or_else(unknown)?;
        let body = Body {
            name: code.name(),
            status: code.status().as_u16(),
            what: parts(code.what()),
            action: parts(code.action()),
        };
        Ok(render(code.title(), &body)?)
    }
}
