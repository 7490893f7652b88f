//! An answer, read within limits.

use bytes::{Bytes, BytesMut};
use reqwest::header::HeaderMap;

use crate::{EgressError, Policy};

/// An answer of any status.
#[derive(Clone, Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case, and values; a repeated name appears repeatedly.
    pub headers: Vec<(String, String)>,
    /// Decompressed.
    pub body: Bytes,
    /// The URL that answered, after redirects.
    pub final_url: String,
}

/// Reads the answer to its end.
pub(crate) async fn read(
    mut answer: reqwest::Response,
    final_url: String,
    policy: &Policy,
    host: &str,
) -> Result<Response, EgressError> {
    let status = answer.status().as_u16();
    let headers = fields(answer.headers(), policy.max_header_bytes)?;
    let limit = policy.max_response_bytes;
    if answer
        .content_length()
        .is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit))
    {
        return Err(EgressError::TooLarge(limit));
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = answer
        .chunk()
        .await
        .map_err(|error| EgressError::from_client(&error, host))?
    {
        if body.len() + chunk.len() > limit {
            return Err(EgressError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response {
        status,
        headers,
        body: body.freeze(),
        final_url,
    })
}

/// Values that are not UTF-8 are read as such with replacement characters.
fn fields(headers: &HeaderMap, limit: usize) -> Result<Vec<(String, String)>, EgressError> {
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if bytes > limit {
        return Err(EgressError::TooLarge(limit));
    }
    let field = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    Ok(headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), field(value.as_bytes())))
        .collect())
}
