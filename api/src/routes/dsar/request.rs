//! `POST /api/data-export/request`.

use std::sync::Arc;

use levqor_dsar::{Asking, By, Opened, open};
use levqor_store::UserId;
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    registry::{MetaSchemaRef, Registry},
    types::Type,
};
use serde::{Deserialize, Serialize};

use super::view::RequestBody;
use crate::{
    auth::Authority,
    body::{Form, RawBody, typed},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Request(pub Arc<Shared>);

pub(crate) struct Body;

/// A person who asks needs no body.
impl Form for Body {
    const MEDIA: &'static [&'static str] = &["application/json", "*/*"];
    const LIMIT: usize = 4 * 1024;

    fn schema(_media: &str) -> MetaSchemaRef {
        NewRequest::schema_ref()
    }

    fn register(registry: &mut Registry) {
        NewRequest::register(registry);
    }
}

/// Whose data is asked for.
#[derive(Default, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "NewDataRequest")]
pub(super) struct NewRequest {
    /// The person; needed with an API key, and with a person's token their own or absent.
    user_id: Option<String>,
}

/// A request, and what comes next.
#[derive(Serialize, Object)]
#[oai(rename = "DataRequestTaken")]
struct Taken {
    /// What comes next, for people.
    message: String,
    /// The request.
    request: RequestBody,
}

#[derive(ApiResponse)]
enum Answer {
    /// The one that is there: a verified request was made in the last 24 hours.
    #[oai(status = 200)]
    Existing(Json<Taken>),
    /// Taken. With a person's token it is prepared at once; with an API key the person is first asked by mail to confirm it.
    #[oai(status = 202)]
    New(Json<Taken>),
}

impl Failures for Request {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::UserNotFound,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::NotConfigured,
    ];
}

#[OpenApi]
impl Request {
    /// Ask for a copy of a person's data
    ///
    /// Everything that is kept about the person is collected into a signed ZIP, which they can download once within 24
    /// hours by a link that is mailed to them and a code that is shown to them alone.
    #[oai(
        path = "/api/data-export/request",
        method = "post",
        operation_id = "requestDataExport",
        tag = "Tag::DataRequests"
    )]
    async fn request(&self, authority: Authority, body: RawBody<Body>) -> Result<Answer, Failed<Self>> {
        let text = body.read().await?;
        let new: NewRequest = if text.is_empty() {
            NewRequest::default()
        } else {
            typed(&text)?
        };
        let asking = asking(authority, new.user_id.as_deref())?;
        Ok(match open(&self.0.api.platform, asking).await? {
            Opened::New(request) => {
                let message = match asking.by {
                    By::User => "Your data is being collected. You get a mail when it can be downloaded.",
                    By::Key(_) => "The person is asked by mail to confirm the request.",
                };
                Answer::New(taken(&self.0, authority, message, request))
            }
            Opened::Existing(request) => {
                let message = "A request of the last 24 hours stands for this one. If something is wrong with it, write to \
                    those who keep the data: they can answer it by hand.";
                Answer::Existing(taken(&self.0, authority, message, request))
            }
        })
    }
}

/// Somebody else's id is not told from one that does not exist.
fn asking(authority: Authority, user: Option<&str>) -> Result<Asking, Problem> {
    let missing = || Problem::new(Code::UserNotFound, "There is no person with this id.").at("/user_id");
    let named = user
        .map(|user| user.parse::<UserId>().map_err(|_| missing()))
        .transpose()?;
    let tenant = authority.tenant();
    match authority {
        Authority::User(person) if named.is_none_or(|user| user == person.user) => Ok(Asking {
            tenant,
            user: person.user,
            by: By::User,
        }),
        Authority::User(_) => Err(missing()),
        Authority::Key(caller) => {
            let absent = || {
                Problem::new(Code::MissingMember, "With an API key, `user_id` says whose data.")
                    .at("/user_id")
            };
            Ok(Asking {
                tenant,
                user: named.ok_or_else(absent)?,
                by: By::Key(caller.key),
            })
        }
    }
}

fn taken(shared: &Shared, authority: Authority, message: &str, request: levqor_dsar::Request) -> Json<Taken> {
    let request = match authority {
        Authority::Key(_) => RequestBody::for_tenant(shared, request),
        Authority::User(_) => RequestBody::for_person(request),
    };
    Json(Taken {
        message: message.to_owned(),
        request,
    })
}
