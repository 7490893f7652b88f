//! A tenant that calls, as operations see it.

use levqor_store::{KeyId, TenantId};
use levqor_trace::TraceContext;
use poem::{Request, RequestBody};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, registry::Registry};

use super::{
    Authority,
    scheme::{API_KEY, BEARER, register_key},
};
use crate::error::{Code, Problem};

/// The holder of a valid key. An operation that takes it needs a key: a person's token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Whose data it may see.
    pub tenant: TenantId,
    /// Which key it used.
    pub key: KeyId,
    /// Where what it asks for is in a trace.
    pub trace: Option<TraceContext>,
}

impl<'a> ApiExtractor<'a> for Caller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_key(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BEARER, API_KEY]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        match Authority::of(request) {
            Some(Authority::Key(caller)) => Ok(caller),
            Some(Authority::User(_)) => {
                let detail =
                    "This operation needs an API key; a person's token opens only what is their own.";
                Err(Problem::new(Code::UserToken, detail).into())
            }
            None => Err(Problem::new(Code::Unauthenticated, "This operation needs an API key.").into()),
        }
    }
}
