//! `POST /api/data-export/download`: the one download.

use std::sync::Arc;

use levqor_dsar::{DsarError, Refusal, code::Code as SixDigits, download::redeem};
use poem_openapi::{ApiResponse, OpenApi, payload::Binary};

use super::{
    download_page::{self, refused},
    given::{Body, Given},
};
use crate::{
    body::RawBody,
    error::{Code, Failed, Failures, Problem},
    page::Page,
    routes::Tag,
    state::Shared,
    time,
};

pub(crate) struct Download(pub Arc<Shared>);

#[derive(ApiResponse)]
enum Answer {
    /// The package.
    #[oai(status = 200, content_type = "application/zip")]
    Zip(
        Binary<Vec<u8>>,
        /// A name to save it under.
        #[oai(header = "Content-Disposition")]
        String,
    ),
    /// A page, when a form was sent: the code was not right, or the download is locked.
    #[oai(status = 403)]
    Refused(Page),
    /// A page, when a form was sent: the link leads nowhere.
    #[oai(status = 404)]
    Unknown(Page),
    /// A page, when a form was sent: the data was downloaded already.
    #[oai(status = 410)]
    Gone(Page),
}

impl Failures for Download {
    const CODES: &'static [Code] = &[
        Code::ExportLinkInvalid,
        Code::ExportCodeNeeded,
        Code::ExportCodeWrong,
        Code::ExportLocked,
        Code::ExportDownloaded,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::Overloaded,
        Code::NotConfigured,
    ];
}

#[OpenApi]
impl Download {
    /// Download one's data, once
    ///
    /// With the token of the mailed link and the code of `POST /api/dsar/exports/{id}/code`. Three wrong tries burn a code,
    /// fifteen in all lock the download. A code is taken once; when the transfer breaks, get another and repeat within an
    /// hour. A form is answered with a page when it is refused.
    #[oai(
        path = "/api/data-export/download",
        method = "post",
        operation_id = "downloadDataExport",
        tag = "Tag::DataRequests"
    )]
    async fn download(&self, body: RawBody<Body>) -> Result<Answer, Failed<Self>> {
        let (given, form) = Given::read(body).await?;
        match self.redeem(&given).await {
            Ok(answer) => Ok(answer),
            Err(error) if form => Ok(match refused(&self.0, &given.token, error)? {
                download_page::Answer::Shown(page) | download_page::Answer::Refused(page) => {
                    Answer::Refused(page)
                }
                download_page::Answer::Unknown(page) => Answer::Unknown(page),
                download_page::Answer::Gone(page) => Answer::Gone(page),
            }),
            Err(DsarError::Refused(Refusal::NoCode)) if given.code.is_none() => {
                Err(Problem::new(Code::MissingMember, "The member `code` is missing.")
                    .at("/code")
                    .into())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn redeem(&self, given: &Given) -> Result<Answer, DsarError> {
        let code = given.code.as_deref().map(SixDigits::parse);
        // What is no code at all is no try either.
        let code = match code {
            Some(Some(code)) => code,
            Some(None) => return Err(Refusal::MalformedCode.into()),
            None => return Err(Refusal::NoCode.into()),
        };
        let download = redeem(&self.0.api.platform, &self.0.codes, &given.token, code).await?;
        let day = time::format(download.collected_at)
            .get(..10)
            .unwrap_or_default()
            .replace('-', "");
        let name = format!("attachment; filename=\"levqor-data-export-{day}.zip\"");
        Ok(Answer::Zip(Binary(download.zip.into()), name))
    }
}
