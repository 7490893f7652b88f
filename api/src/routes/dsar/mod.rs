//! A person's request for the data about them: made and followed by the person, looked after by the tenant, downloaded
//! from a page.

mod code;
mod confirm;
mod confirm_page;
mod download;
mod download_page;
mod export;
mod exports;
mod given;
mod request;
mod requests;
mod view;

use std::sync::Arc;

use levqor_dsar::DsarId;

use crate::{
    error::{Code, Problem},
    state::Shared,
};

/// The operations, in the order of their paths.
pub(crate) type Operations = (
    (confirm::Confirm, download::Download, request::Request),
    (exports::Exports, export::Export, code::IssueCode),
    (
        requests::List,
        requests::Get,
        requests::Extend,
        requests::Pause,
        requests::Resume,
        requests::Refuse,
    ),
    (confirm_page::ConfirmPage, download_page::DownloadPage),
);

/// The same over a running API.
pub(super) fn operations(shared: &Arc<Shared>) -> Operations {
    let s = || Arc::clone(shared);
    (
        (
            confirm::Confirm(s()),
            download::Download(s()),
            request::Request(s()),
        ),
        (exports::Exports(s()), export::Export(s()), code::IssueCode(s())),
        (
            requests::List(s()),
            requests::Get(s()),
            requests::Extend(s()),
            requests::Pause(s()),
            requests::Resume(s()),
            requests::Refuse(s()),
        ),
        (confirm_page::ConfirmPage(s()), download_page::DownloadPage(s())),
    )
}

/// What is no id names no request.
fn id(text: &str) -> Result<DsarId, Problem> {
    text.parse().map_err(|_| missing())
}

fn missing() -> Problem {
    Problem::new(Code::DsarRequestNotFound, "There is no request with this id.").parameter("id")
}
