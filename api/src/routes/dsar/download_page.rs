//! `GET /data-export/download`: the page that asks for the code. Scanners of mails open it too, so it changes nothing.

use std::sync::Arc;

use askama::Template;
use levqor_dsar::{DsarError, Refusal, download::redeemable, package::Signer};
use poem_openapi::{ApiResponse, OpenApi, param::Query};

use super::confirm_page::unknown;
use crate::{
    error::{Code, Failed, Failures, Problem},
    page::{Page, render},
    routes::Tag,
    state::Shared,
};

pub(crate) struct DownloadPage(pub Arc<Shared>);

/// What stands on the page of a link to download.
#[derive(ApiResponse)]
pub(super) enum Answer {
    /// The page.
    #[oai(status = 200)]
    Shown(Page),
    /// A page that says the code was not right, or that the download is locked.
    #[oai(status = 403)]
    Refused(Page),
    /// A page that says the link leads nowhere.
    #[oai(status = 404)]
    Unknown(Page),
    /// A page that says the data was downloaded already.
    #[oai(status = 410)]
    Gone(Page),
}

#[derive(Template)]
#[template(path = "data_export/download.html")]
struct Ask<'a> {
    token: &'a str,
    error: Option<String>,
    key: String,
}

#[derive(Template)]
#[template(path = "data_export/closed.html")]
struct Closed {
    locked: bool,
}

impl Failures for DownloadPage {
    const CODES: &'static [Code] = &[Code::NotConfigured];
}

#[OpenApi]
impl DownloadPage {
    /// Page to download one's data
    ///
    /// Where the link in the mail leads. Nothing is handed out before the code is sent.
    #[oai(
        path = "/data-export/download",
        method = "get",
        operation_id = "getDataExportDownload",
        tag = "Tag::DataRequests"
    )]
    async fn get(
        &self,
        /// The token of the mail.
        token: Query<String>,
    ) -> Result<Answer, Failed<Self>> {
        match redeemable(&self.0.api.platform, &token.0).await {
            Ok(_) => Ok(Answer::Shown(ask(&self.0, &token.0, None)?)),
            Err(error) => Ok(refused(&self.0, &token.0, error)?),
        }
    }
}

/// The page with the form; `error` says what was wrong with the last try.
fn ask(shared: &Shared, token: &str, error: Option<String>) -> Result<Page, Problem> {
    let secrets = shared.api.platform.secrets("the export of a person's data")?;
    let key = Signer::new(secrets).map_err(DsarError::from)?.public();
    render("Download your data", &Ask { token, error, key })
}

/// The page for a refusal; other errors are no pages.
pub(super) fn refused(shared: &Shared, token: &str, error: DsarError) -> Result<Answer, Problem> {
    let again = |text: String| Ok(Answer::Refused(ask(shared, token, Some(text))?));
    match error {
        DsarError::Refused(Refusal::WrongCode { left: 0 }) => again(
            "The code is wrong, and its three tries are used up. Get a new one and enter that.".to_owned(),
        ),
        DsarError::Refused(Refusal::WrongCode { left }) => {
            again(format!("The code is wrong. Tries left with it: {left}."))
        }
        DsarError::Refused(Refusal::MalformedCode) => again("A code has six digits.".to_owned()),
        DsarError::Refused(Refusal::NoCode) => again(
            "No code is in force: it was used, or is older than ten minutes. Get a new one and enter that."
                .to_owned(),
        ),
        DsarError::Refused(Refusal::Locked) => Ok(Answer::Refused(render(
            "The download is locked",
            &Closed { locked: true },
        )?)),
        DsarError::Refused(Refusal::Downloaded) => Ok(Answer::Gone(render(
            "Your data was downloaded already",
            &Closed { locked: false },
        )?)),
        DsarError::Refused(Refusal::LinkInvalid) => Ok(Answer::Unknown(unknown()?)),
        other => Err(other.into()),
    }
}
