//! A request as it is shown.

use levqor_dsar::{Origin, Request, State, percent, timeline, word};
use levqor_store::Timestamp;
use poem_openapi::Object;
use serde::Serialize;

use crate::{state::Shared, time};

/// A person's request for the data about them.
#[derive(Serialize, Object)]
#[oai(rename = "DataRequest")]
pub(super) struct RequestBody {
    /// Its id.
    pub request_id: String,
    /// Whose data.
    pub user_id: String,
    /// `unverified`, `accepted`, `collected`, `packaged`, `stored`, `ready`, `downloaded`, `expired`, `refused` or `failed`.
    pub state: String,
    /// How far it is, 0 to 100; 100 when nothing more happens by itself.
    pub progress: u8,
    /// `user`, who was signed in, or `key`: the tenant for the person, who then had to confirm it.
    pub origin: String,
    /// When it came in (RFC 3339, as all times).
    pub requested_at: String,
    /// The first moment that is too late to answer it: one month, or three when it was extended, and what it stood.
    pub due_at: String,
    /// Whether its clock stands.
    pub paused: bool,
    /// Why it stands or stood last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause_reason: Option<String>,
    /// Why it was extended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension_reason: Option<String>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal_reason: Option<String>,
    /// Whether there is a package to download now.
    pub is_available: bool,
    /// Bytes of the package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<i64>,
    /// SHA-256 of the package, 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// When the package is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// When it was downloaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downloaded_at: Option<String>,
    /// What happened, oldest first.
    pub timeline: Vec<Event>,
    /// Why it could not be prepared; for the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The run that answers it; for the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_url: Option<String>,
}

/// Something that happened to a request.
#[derive(Serialize, Object)]
#[oai(rename = "DataRequestEvent")]
pub(super) struct Event {
    /// `received`, `verified`, `paused`, `resumed`, `extended`, `collected`, `packaged`, `stored`, `answered`,
    /// `downloaded`, `locked`, `refused`, `failed` or `deleted`.
    pub what: String,
    /// When.
    pub at: String,
}

impl RequestBody {
    /// For the person.
    pub(super) fn for_person(request: Request) -> Self {
        let event = |(what, at): (&str, Timestamp)| Event {
            what: what.to_owned(),
            at: time::format(at),
        };
        Self {
            request_id: request.id.to_string(),
            user_id: request.user_id.to_string(),
            state: word(request.state),
            progress: percent(request.state),
            origin: if request.origin == Origin::User {
                "user"
            } else {
                "key"
            }
            .to_owned(),
            requested_at: time::format(request.received_at),
            due_at: time::format(request.due_at),
            paused: request.paused_at.is_some(),
            is_available: available(&request),
            timeline: timeline(&request).into_iter().map(event).collect(),
            pause_reason: request.pause_reason,
            extension_reason: request.extension_reason,
            refusal_reason: request.refusal_reason,
            bytes: request.package_size,
            sha256: request.package_digest.map(hex::encode),
            expires_at: request.expires_at.map(time::format),
            downloaded_at: request.granted_at.map(time::format),
            failure: None,
            run_url: None,
        }
    }

    /// For the tenant.
    pub(super) fn for_tenant(shared: &Shared, mut request: Request) -> Self {
        let failure = request.failure.take();
        let run = request
            .run_id
            .map(|run| format!("{}/api/v1/runs/{run}", shared.base()));
        Self {
            failure,
            run_url: run,
            ..Self::for_person(request)
        }
    }
}

fn available(request: &Request) -> bool {
    request.state == State::Ready && request.locked_at.is_none()
}
