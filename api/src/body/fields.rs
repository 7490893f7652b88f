//! Fields of a form that a page or a mail program posts: urlencoded, or `multipart/form-data` as RFC 8058 recommends.

use std::marker::PhantomData;

use bytes::Bytes;
use futures::stream;
use poem::{Request, RequestBody, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaRequest, MetaSchemaRef, Registry},
    types::Type,
};
use url::form_urlencoded;

use super::{Form, RawBody};
use crate::error::{Code, Problem};

/// Such forms are small.
const LIMIT: usize = 16 * 1024;

/// Most fields.
const MOST: usize = 200;

const URLENCODED: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

struct Body<S>(PhantomData<fn() -> S>);

impl<S: Type + 'static> Form for Body<S> {
    const MEDIA: &'static [&'static str] = &[URLENCODED, MULTIPART];
    const LIMIT: usize = LIMIT;

    fn schema(_media: &str) -> MetaSchemaRef {
        S::schema_ref()
    }

    fn register(registry: &mut Registry) {
        S::register(registry);
    }
}

/// A form, not read yet; `S` describes its fields.
pub(crate) struct Fields<S> {
    body: RawBody<Body<S>>,
    content_type: String,
}

impl<S: Type + 'static> Fields<S> {
    /// Reads it whole: names and values in their order.
    pub(crate) async fn read(self) -> Result<Pairs, Problem> {
        let multipart = self.body.media == MULTIPART;
        let bytes = self.body.read().await?;
        let pairs = if multipart {
            parts(&self.content_type, bytes).await?
        } else {
            form_urlencoded::parse(&bytes).into_owned().collect()
        };
        if pairs.len() > MOST {
            return Err(Problem::new(
                Code::BadRequest,
                format!("The form has more than {MOST} fields."),
            ));
        }
        Ok(Pairs(pairs))
    }
}

async fn parts(content_type: &str, bytes: Bytes) -> Result<Vec<(String, String)>, Problem> {
    let broken =
        |error: multer::Error| Problem::new(Code::BadRequest, format!("The form cannot be read: {error}."));
    let boundary = multer::parse_boundary(content_type).map_err(broken)?;
    let whole = stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
    let mut form = multer::Multipart::new(whole, boundary);
    let mut pairs = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        pairs.push((name, field.text().await.map_err(broken)?));
    }
    Ok(pairs)
}

/// The fields of a form.
pub(crate) struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// The first value of a field.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// All values of a field.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let own = self.0.iter().filter(|(own, _)| own == name);
        own.map(|(_, value)| value.clone()).collect()
    }
}

impl<'a, S: Type + 'static> ApiExtractor<'a> for Fields<S> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        S::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        RawBody::<Body<S>>::request_meta()
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        Ok(Self {
            content_type: content_type.unwrap_or_default().to_owned(),
            body: RawBody::from_request(request, body, options).await?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_multipart_form_is_read_as_its_fields() {
        let body =
            "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
        let pairs = parts("multipart/form-data; boundary=x", Bytes::from(body))
            .await
            .unwrap();
        assert_eq!(Pairs(pairs).first("List-Unsubscribe"), Some("One-Click"));
        for (content_type, body) in [
            ("multipart/form-data", body),
            ("multipart/form-data; boundary=y", body),
            ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition"),
        ] {
            let error = parts(content_type, Bytes::from(body)).await.unwrap_err();
            assert_eq!(error.code(), Code::BadRequest, "{content_type}");
        }
    }
}
