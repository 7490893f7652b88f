//! A report as it is shown.

use levqor_reports::{Kind, Report, State};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

use crate::{state::Shared, time};

/// What a report tells about.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename = "ReportKind", rename_all = "snake_case")]
pub(super) enum KindName {
    /// Runs by day and workflow, and mails.
    Operations,
    /// What was checked, and what came out.
    Evidence,
}

impl From<KindName> for Kind {
    fn from(kind: KindName) -> Self {
        match kind {
            KindName::Operations => Self::Operations,
            KindName::Evidence => Self::Evidence,
        }
    }
}

impl From<Kind> for KindName {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Operations => Self::Operations,
            Kind::Evidence => Self::Evidence,
        }
    }
}

/// A report.
#[derive(Serialize, Object)]
#[oai(rename = "Report")]
pub(super) struct ReportBody {
    /// Its id.
    pub id: String,
    /// What it tells about.
    pub kind: KindName,
    /// Beginning of its period (RFC 3339).
    pub from: String,
    /// End of its period, no longer part of it.
    pub to: String,
    /// `queued` or `ready`.
    pub state: String,
    /// When it was ordered.
    pub created_at: String,
    /// When its file was stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<String>,
    /// Pages of its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<i64>,
    /// Bytes of its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// SHA-256 of its file, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The report's URL; its file is at `/file` below.
    pub url: String,
}

impl ReportBody {
    pub(super) fn new(shared: &Shared, report: Report) -> Self {
        Self {
            url: format!("{}/api/v1/reports/{}", shared.base(), report.id),
            id: report.id.to_string(),
            kind: report.kind.into(),
            from: time::format(report.period_from),
            to: time::format(report.period_to),
            state: match report.state {
                State::Queued => "queued".to_owned(),
                State::Ready => "ready".to_owned(),
            },
            created_at: time::format(report.created_at),
            ready_at: report.ready_at.map(time::format),
            pages: report.pages,
            size: report.size,
            sha256: report.sha256.map(hex::encode),
        }
    }
}
