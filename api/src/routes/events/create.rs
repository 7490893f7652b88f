//! `POST /api/v1/events`.

use std::sync::Arc;

use poem::http::HeaderMap;
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    auth::Caller,
    body::{Form, RawBody, Splitter},
    cloud_event::{CloudEvent, binary, structured},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

const STRUCTURED: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";

/// Most events of a batch: each is a transaction that may wake 1,000 runs.
const ITEMS: usize = 100;

/// Priority of the hints: an event does not know those of the runs it wakes.
const PRIORITY: i16 = 1;

pub(crate) struct Create(pub Arc<Shared>);

struct Body;

impl Form for Body {
    const MEDIA: &'static [&'static str] = &[STRUCTURED, BATCH, "*/*"];

    fn schema(media: &str) -> MetaSchemaRef {
        match media {
            STRUCTURED => EventBody::schema_ref(),
            BATCH => Vec::<EventBody>::schema_ref(),
            _ => MetaSchemaRef::Inline(Box::new(MetaSchema {
                description: Some(
                    "The event's data; its attributes are the headers ce-id, ce-source, ce-type, …",
                ),
                ..MetaSchema::ANY
            })),
        }
    }

    fn register(registry: &mut Registry) {
        EventBody::register(registry);
    }
}

/// A CloudEvent 1.0. It may have more attributes, named with lower-case letters and digits.
#[derive(Object)]
#[oai(rename = "CloudEvent")]
struct EventBody {
    /// `1.0`.
    specversion: String,
    /// With `source` unique: the same event sent again is not delivered again.
    id: String,
    /// URI of what sent it.
    source: String,
    /// What kind of event it is.
    r#type: String,
    /// When it happened (RFC 3339).
    time: Option<String>,
    /// What it is about.
    subject: Option<String>,
    /// Media type of the data.
    datacontenttype: Option<String>,
    /// The data, at most 200 KiB.
    data: Option<Value>,
    /// The data in base64, when it is not JSON.
    data_base64: Option<String>,
}

/// What became of the events.
#[derive(Serialize, Object)]
struct EventFates {
    /// One for each event, in the order sent.
    events: Vec<EventFate>,
}

/// What became of an event.
#[derive(Serialize, Object)]
struct EventFate {
    /// Its id.
    id: String,
    /// Its source.
    source: String,
    /// True when it was taken before; nothing was done.
    duplicate: bool,
    /// Runs that got it now.
    matched: u32,
    /// True when more runs listen for it than are told at once; the others are told soon.
    more: bool,
}

#[derive(ApiResponse)]
enum Answer {
    /// Stored, and delivered to runs that listen for it.
    #[oai(status = 202)]
    Taken(Json<EventFates>),
}

impl Failures for Create {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::InvalidEvent,
    ];
}

#[OpenApi]
impl Create {
    /// Send CloudEvents
    ///
    /// One event in structured mode (`application/cloudevents+json`) or binary mode (attributes in `ce-` headers, any
    /// other media type), or up to 100 in batched mode. A batch with a malformed event is refused whole.
    #[oai(
        path = "/api/v1/events",
        method = "post",
        operation_id = "createEvents",
        tag = "Tag::Events"
    )]
    async fn create(
        &self,
        caller: Caller,
        headers: &HeaderMap,
        body: RawBody<Body>,
    ) -> Result<Answer, Failed<Self>> {
        let media = body.media;
        let body = body.read().await?;
        let events = match media {
            STRUCTURED => vec![structured(&body)?],
            BATCH => batch(&body)?,
            _ => vec![binary(headers, &body)?],
        };
        let mut fates = Vec::with_capacity(events.len());
        for event in events {
            fates.push(self.ingest(caller, event).await?);
        }
        Ok(Answer::Taken(Json(EventFates { events: fates })))
    }
}

impl Create {
    async fn ingest(&self, caller: Caller, event: CloudEvent) -> Result<EventFate, Problem> {
        let (id, source) = (event.id.clone(), event.source.clone());
        let ingested = self.0.store().ingest(&event.into_new(caller.tenant)).await?;
        for (run, epoch) in ingested.hints {
            self.0.doorbell.ring(PRIORITY, run, epoch);
        }
        let (duplicate, matched, more) = (ingested.duplicate, ingested.matched, ingested.more);
        Ok(EventFate {
            id,
            source,
            duplicate,
            matched,
            more,
        })
    }
}

fn batch(mut body: &[u8]) -> Result<Vec<CloudEvent>, Problem> {
    let mut splitter = Splitter::array();
    let mut events = Vec::new();
    while let Some(item) = splitter.next(&mut body)? {
        let index = events.len();
        if index == ITEMS {
            let detail = format!("The batch has more than {ITEMS} events.");
            return Err(Problem::new(Code::TooManyItems, detail));
        }
        events.push(structured(&item).map_err(|problem| problem.within(index))?);
    }
    splitter.end()?;
    Ok(events)
}
