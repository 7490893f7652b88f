//! Objects in a bucket that speaks S3.

mod location;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use jiff::Timestamp;
use levqor_egress::{Egress, EgressError, Request, Response};
use rusty_s3::{Credentials, S3Action};
use sha2::{Digest, Sha256};
use url::Url;

pub use location::S3Location;

use crate::{Key, ObjectError, Objects};

/// How long a signed request may be under way. Servers compare it with their own clock.
const SIGNED: Duration = Duration::from_mins(15);

/// Names and value of the header by which the server checks what it received.
const CHECKSUM: &str = "x-amz-checksum-sha256";

/// The wall clock in microseconds since 1970: what is signed carries the time.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// A bucket. Requests are signed with AWS Signature Version 4 and leave through the egress client, whose policy bounds
/// the size of objects that are read.
#[derive(Clone)]
pub struct S3 {
    location: S3Location,
    credentials: Credentials,
    egress: Egress,
    now: Now,
}

impl S3 {
    /// A bucket with an access key and its secret. Nothing is asked before the first object.
    pub fn new(location: S3Location, access_key: &str, secret_key: &str, egress: Egress, now: Now) -> Self {
        let credentials = Credentials::new(access_key, secret_key);
        Self {
            location,
            credentials,
            egress,
            now,
        }
    }

    fn sign<'a>(&self, action: &impl S3Action<'a>) -> Url {
        let now = Timestamp::from_microsecond((self.now)()).unwrap_or_default();
        action.sign_with_time(SIGNED, &now)
    }

    async fn send(
        &self,
        method: &str,
        url: Url,
        headers: Vec<(String, String)>,
        body: Option<Bytes>,
    ) -> Result<Response, ObjectError> {
        let request = Request {
            method: method.to_owned(),
            url: url.into(),
            headers,
            body,
            ..Request::default()
        };
        self.egress.send(request).await.map_err(|error| match error {
            EgressError::Refused(_) => ObjectError::Setup(error.to_string()),
            _ => ObjectError::Unavailable(error.to_string()),
        })
    }
}

#[async_trait]
impl Objects for S3 {
    async fn put(&self, key: &Key, content: Bytes) -> Result<(), ObjectError> {
        let checksum = BASE64_STANDARD.encode(Sha256::digest(&content));
        let mut action = self
            .location
            .bucket
            .put_object(Some(&self.credentials), key.as_str());
        action.headers_mut().insert(CHECKSUM, checksum.as_str());
        let url = self.sign(&action);
        let headers = vec![(CHECKSUM.to_owned(), checksum)];
        let answer = self.send("PUT", url, headers, Some(content)).await?;
        if answer.status == 200 {
            Ok(())
        } else {
            Err(failure(&answer))
        }
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>, ObjectError> {
        let url = self.sign(
            &self
                .location
                .bucket
                .get_object(Some(&self.credentials), key.as_str()),
        );
        let answer = self.send("GET", url, Vec::new(), None).await?;
        match answer.status {
            200 => Ok(Some(answer.body)),
            404 if code(&answer) == "NoSuchKey" => Ok(None),
            _ => Err(failure(&answer)),
        }
    }

    async fn delete(&self, key: &Key) -> Result<(), ObjectError> {
        let url = self.sign(
            &self
                .location
                .bucket
                .delete_object(Some(&self.credentials), key.as_str()),
        );
        let answer = self.send("DELETE", url, Vec::new(), None).await?;
        match answer.status {
            200 | 204 => Ok(()),
            404 if code(&answer) == "NoSuchKey" => Ok(()),
            _ => Err(failure(&answer)),
        }
    }
}

/// What an answer other than success means: a refusal is the operator's to mend, the rest may pass.
fn failure(answer: &Response) -> ObjectError {
    let text = format!("it answered {} {}", answer.status, code(answer));
    match answer.status {
        408 | 429 | 500.. => ObjectError::Unavailable(text),
        _ => ObjectError::Setup(text),
    }
}

/// The word between `<Code>` and `</Code>` of an error document; empty when there is none. No XML reader is linked for it.
fn code(answer: &Response) -> &str {
    let text = std::str::from_utf8(&answer.body).unwrap_or_default();
    let inside = text
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"));
    let word = inside.map(|(word, _)| word).unwrap_or_default();
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        word
    } else {
        ""
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3")
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}
