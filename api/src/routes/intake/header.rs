//! The Idempotency-Key header. The framework's header parameter would leave out a value it cannot read, and the caller
//! would believe the request to be safe to repeat.

use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaParamIn, MetaSchemaRef},
    types::Type,
};

use crate::error::{Code, Problem};

pub(crate) struct IdempotencyKey(pub Option<String>);

impl<'a> ApiExtractor<'a> for IdempotencyKey {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];

    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(String::schema_ref())
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        options: ExtractParamOptions<String>,
    ) -> poem::Result<Self> {
        let wrong = |detail: &str| Problem::new(Code::InvalidHeader, detail).header("Idempotency-Key");
        let mut values = request.headers().get_all(options.name).iter();
        let Some(value) = values.next() else {
            return Ok(Self(None));
        };
        if values.next().is_some() {
            return Err(wrong("The header stands there twice.").into());
        }
        let text = std::str::from_utf8(value.as_bytes()).map_err(|_| wrong("The header is not UTF-8."))?;
        Ok(Self(Some(text.to_owned())))
    }
}
