//! `POST /api/v1/reports`.

use std::sync::Arc;

use levqor_reports::{NewReport, Period, State, order, week_before};
use levqor_store::Timestamp;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Deserialize;
use serde_json::json;

use super::view::{KindName, ReportBody};
use crate::{
    auth::Caller,
    body::{RawBody, Typed},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
    time,
};

/// Longest period of a report, in microseconds: 92 days, a quarter.
const LONGEST: i64 = 92 * 86_400_000_000;

/// Longest key.
const KEY: usize = 200;

pub(crate) struct Create(pub Arc<Shared>);

/// A report to write.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "NewReport")]
pub(super) struct New {
    /// What it tells about.
    kind: KindName,
    /// Beginning of its period (RFC 3339); with `to`. Absent: the last whole week, Monday to Sunday, UTC.
    from: Option<String>,
    /// End of its period, no longer part of it; at most 92 days after `from`.
    to: Option<String>,
    /// Who gets it as a mail; absent: nobody.
    mail_to: Option<String>,
    /// A repeated order with the same key is the same report; absent: each order is a new one.
    key: Option<String>,
}

#[derive(ApiResponse)]
enum Answer {
    /// Ordered: it is written by a run of ours, and ready in moments.
    #[oai(status = 202)]
    Ordered(Json<ReportBody>),
    /// It was ordered before and is ready.
    #[oai(status = 200)]
    Ready(Json<ReportBody>),
}

impl Failures for Create {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
    ];
}

#[OpenApi]
impl Create {
    /// Order a report
    ///
    /// The report is a PDF with the figures of this tenant, stored for a year and mailed when an address is given.
    #[oai(
        path = "/api/v1/reports",
        method = "post",
        operation_id = "createReport",
        tag = "Tag::Reports"
    )]
    async fn create(&self, caller: Caller, body: RawBody<Typed<New>>) -> Result<Answer, Failed<Self>> {
        let new = body.typed().await?;
        let platform = &self.0.api.platform;
        let order_of = NewReport {
            kind: new.kind.into(),
            period: period(&new, platform.db.now().await?)?,
            mail_to: new.mail_to.as_deref().map(address).transpose()?,
            key: key(new.key.as_deref(), || platform.ids.uuid_v7().to_string())?,
        };
        let report = order(platform, caller.tenant, order_of).await?;
        if report.state == State::Ready {
            return Ok(Answer::Ready(Json(ReportBody::new(&self.0, report))));
        }
        let id = report.id.to_string();
        let input = json!({"report_id": id});
        platform
            .processes
            .start(caller.tenant, "report", &id, &input)
            .await?;
        Ok(Answer::Ordered(Json(ReportBody::new(&self.0, report))))
    }
}

fn period(new: &New, now: Timestamp) -> Result<Period, Problem> {
    let wrong = |name: &str, detail: &str| Problem::new(Code::InvalidMember, detail).at(format!("/{name}"));
    let moment = |name: &str, text: &str| {
        time::parse(text)
            .ok_or_else(|| wrong(name, "Expected an RFC 3339 time such as 2026-01-31T09:00:00Z."))
    };
    let (from, to) = match (&new.from, &new.to) {
        (None, None) => return Ok(week_before(now)),
        (Some(from), Some(to)) => (moment("from", from)?, moment("to", to)?),
        (None, Some(_)) => return Err(wrong("from", "A period has a beginning too.")),
        (Some(_), None) => return Err(wrong("to", "A period has an end too.")),
    };
    if to <= from || to.0.saturating_sub(from.0) > LONGEST {
        return Err(wrong(
            "to",
            "Expected an end after the beginning, by at most 92 days.",
        ));
    }
    Ok(Period { from, to })
}

fn address(text: &str) -> Result<String, Problem> {
    let email = levqor_accounts::Email::parse(text);
    let wrong = |_| Problem::new(Code::InvalidMember, "Expected one e-mail address.").at("/mail_to");
    email.map(|email| email.as_str().to_owned()).map_err(wrong)
}

/// What callers name is kept apart from our own orders.
fn key(text: Option<&str>, new: impl FnOnce() -> String) -> Result<String, Problem> {
    let text = text.map_or_else(new, str::to_owned);
    let good = !text.is_empty() && text.len() <= KEY && !text.chars().any(char::is_control);
    let wrong = "Expected 1 to 200 bytes without control characters.";
    good.then(|| format!("api/{text}"))
        .ok_or_else(|| Problem::new(Code::InvalidMember, wrong).at("/key"))
}
