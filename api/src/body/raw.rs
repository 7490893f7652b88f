//! A body that is read on demand, whole or as it arrives, up to a limit that holds for chunked bodies too, and described
//! in the OpenAPI document. The framework's own payloads read without a bound and parse twice.

use std::{io, marker::PhantomData, time::Duration};

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use poem::{Body, Request, RequestBody, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry},
};
use tokio::time::{Instant, timeout_at};

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
        collect(self.chunks()?).await
    }

    /// Reads it as it arrives.
    pub(crate) fn chunks(self) -> Result<Chunks, Problem> {
        if self.declared.is_some_and(|length| length > F::LIMIT as u64) {
            return Err(too_large(F::LIMIT));
        }
        Ok(Chunks::new(self.body.into_bytes_stream().boxed(), F::LIMIT))
    }
}

/// A body that arrives.
pub(crate) struct Chunks {
    stream: BoxStream<'static, io::Result<Bytes>>,
    limit: usize,
    read: usize,
    deadline: Instant,
}

impl Chunks {
    fn new(stream: BoxStream<'static, io::Result<Bytes>>, limit: usize) -> Self {
        Self {
            stream,
            limit,
            read: 0,
            deadline: Instant::now() + READ_TIMEOUT,
        }
    }

    /// The bytes that came next; None at the end.
    ///
    /// # Errors
    /// There are more than the limit, they did not come in time, or the caller is gone. Nothing comes then.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let late = |_| Problem::new(Code::RequestTimeout, "The body was not whole after 20 seconds.");
        let broken = |_| Problem::new(Code::BadRequest, "The body broke off.");
        let chunk = timeout_at(self.deadline, self.stream.try_next()).await;
        let chunk = chunk.map_err(late)?.map_err(broken)?;
        self.read += chunk.as_ref().map_or(0, Bytes::len);
        if self.read > self.limit {
            return Err(too_large(self.limit));
        }
        Ok(chunk)
    }
}

/// One chunk is passed on as it is; more are put together.
async fn collect(mut chunks: Chunks) -> Result<Bytes, Problem> {
    let first = chunks.next().await?.unwrap_or_default();
    let mut whole = BytesMut::new();
    while let Some(chunk) = chunks.next().await? {
        if whole.is_empty() {
            whole.extend_from_slice(&first);
        }
        whole.extend_from_slice(&chunk);
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

    async fn read(parts: &'static [&'static str]) -> Result<Bytes, Problem> {
        let parts = parts.iter().map(|part| Ok(Bytes::from_static(part.as_bytes())));
        collect(Chunks::new(stream::iter(parts).boxed(), 4)).await
    }

    #[tokio::test]
    async fn puts_chunks_together_up_to_the_limit() {
        assert_eq!(read(&[]).await.unwrap(), "");
        assert_eq!(read(&["abcd"]).await.unwrap(), "abcd");
        assert_eq!(read(&["ab", "", "cd"]).await.unwrap(), "abcd");
        assert_eq!(read(&["", "abcd"]).await.unwrap(), "abcd");
    }

    #[tokio::test]
    async fn refuses_chunks_past_the_limit() {
        assert_eq!(read(&["abcde"]).await.unwrap_err().code(), Code::BodyTooLarge);
        assert_eq!(read(&["ab", "cde"]).await.unwrap_err().code(), Code::BodyTooLarge);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_a_bad_request() {
        let broken = stream::iter([Ok(Bytes::from_static(b"a")), Err(io::Error::other("gone"))]);
        let read = collect(Chunks::new(broken.boxed(), 4)).await;
        assert_eq!(read.unwrap_err().code(), Code::BadRequest);
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_is_that_of_the_whole_body() {
        let slow = stream::unfold((), |()| async {
            tokio::time::sleep(READ_TIMEOUT * 2 / 5).await;
            Some((Ok(Bytes::from_static(b"a")), ()))
        });
        let mut chunks = Chunks::new(slow.boxed(), 4);
        assert!(chunks.next().await.is_ok() && chunks.next().await.is_ok());
        assert_eq!(chunks.next().await.unwrap_err().code(), Code::RequestTimeout);
    }
}
