//! A body that is read on demand, up to a limit that holds for chunked bodies too, and described in the OpenAPI
//! document. The framework's own payloads read without a bound and parse twice.

use std::{marker::PhantomData, time::Duration};

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, TryStreamExt};
use poem::{Body, Request, RequestBody, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry},
};

use super::media::media;
use crate::error::{Code, Problem};

/// Most bytes of a body, where an operation says nothing else.
pub(crate) const BODY_LIMIT: usize = 512 * 1024;

/// A body must have arrived whole after this time.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// What an operation reads.
pub(crate) trait Form: Send + Sync + 'static {
    /// Media types taken, in lower case; `*/*` last takes any.
    const MEDIA: &'static [&'static str];

    /// Most bytes.
    const LIMIT: usize = BODY_LIMIT;

    /// What a body of this type looks like.
    fn schema(media: &str) -> MetaSchemaRef;

    /// Registers the schemas that [`Form::schema`] refers to.
    fn register(registry: &mut Registry);
}

/// The body of a request, not read yet.
pub(crate) struct RawBody<F> {
    body: Body,
    declared: Option<u64>,
    /// Which of the form's media types it is.
    pub media: &'static str,
    form: PhantomData<F>,
}

impl<F: Form> RawBody<F> {
    /// Reads it whole.
    pub(crate) async fn read(self) -> Result<Bytes, Problem> {
        if self.declared.is_some_and(|length| length > F::LIMIT as u64) {
            return Err(too_large(F::LIMIT));
        }
        let stream = Box::pin(self.body.into_bytes_stream());
        tokio::time::timeout(READ_TIMEOUT, collect(stream, F::LIMIT))
            .await
            .unwrap_or_else(|_| {
                Err(Problem::new(
                    Code::RequestTimeout,
                    "The body was not whole after 20 seconds.",
                ))
            })
    }
}

/// One chunk is passed on as it is; more are put together.
async fn collect(
    mut stream: impl Stream<Item = std::io::Result<Bytes>> + Unpin,
    limit: usize,
) -> Result<Bytes, Problem> {
    let broken = |_| Problem::new(Code::BadRequest, "The body broke off.");
    let first = stream
        .next()
        .await
        .transpose()
        .map_err(broken)?
        .unwrap_or_default();
    let mut whole = BytesMut::new();
    let mut length = first.len();
    while let Some(chunk) = stream.try_next().await.map_err(broken)? {
        length += chunk.len();
        if length > limit {
            break;
        }
        if whole.is_empty() {
            whole.extend_from_slice(&first);
        }
        whole.extend_from_slice(&chunk);
    }
    if length > limit {
        return Err(too_large(limit));
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

fn too_large(limit: usize) -> Problem {
    Problem::new(
        Code::BodyTooLarge,
        format!("The body is larger than {} KiB.", limit / 1024),
    )
}

impl<'a, F: Form> ApiExtractor<'a> for RawBody<F> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        F::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = F::MEDIA
            .iter()
            .map(|media| MetaMediaType {
                content_type: media,
                schema: F::schema(media),
            })
            .collect();
        Some(MetaRequest {
            description: None,
            content,
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let declared = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.parse().ok());
        Ok(Self {
            media: media(request, F::MEDIA)?,
            body: body.take()?,
            declared,
            form: PhantomData,
        })
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    fn chunks(parts: &'static [&'static str]) -> impl Stream<Item = std::io::Result<Bytes>> + Unpin {
        stream::iter(parts.iter().map(|part| Ok(Bytes::from_static(part.as_bytes()))))
    }

    #[tokio::test]
    async fn puts_chunks_together_up_to_the_limit() {
        assert_eq!(collect(chunks(&[]), 8).await.unwrap(), "");
        assert_eq!(collect(chunks(&["abcd"]), 4).await.unwrap(), "abcd");
        assert_eq!(collect(chunks(&["ab", "", "cd"]), 4).await.unwrap(), "abcd");
        assert_eq!(collect(chunks(&["", "abcd"]), 4).await.unwrap(), "abcd");
    }

    #[tokio::test]
    async fn refuses_chunks_past_the_limit() {
        assert_eq!(
            collect(chunks(&["abcde"]), 4).await.unwrap_err().code(),
            Code::BodyTooLarge
        );
        assert_eq!(
            collect(chunks(&["ab", "cde"]), 4).await.unwrap_err().code(),
            Code::BodyTooLarge
        );
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_a_bad_request() {
        let broken = stream::iter([Ok(Bytes::from_static(b"a")), Err(std::io::Error::other("gone"))]);
        assert_eq!(collect(broken, 4).await.unwrap_err().code(), Code::BadRequest);
    }
}
