//! Who calls, as operations see it.

use levqor_store::{KeyId, TenantId};
use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use crate::error::{Code, Problem};

/// The holder of a valid key. The gate put it into the request; an operation that takes it needs a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Whose data it may see.
    pub tenant: TenantId,
    /// Which key it used.
    pub key: KeyId,
}

impl<'a> ApiExtractor<'a> for Caller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme("bearer", scheme("http", None, Some("bearer")));
        registry.create_security_scheme("api_key", scheme("apiKey", Some("X-Api-Key"), None));
    }

    fn security_schemes() -> Vec<&'static str> {
        vec!["bearer", "api_key"]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let caller = request.extensions().get::<Self>().copied();
        caller.ok_or_else(|| Problem::new(Code::Unauthenticated, "This operation needs an API key.").into())
    }
}

fn scheme(ty: &'static str, name: Option<&'static str>, scheme: Option<&'static str>) -> MetaSecurityScheme {
    MetaSecurityScheme {
        ty,
        description: Some("An API key, `lvk_` and 64 hexadecimal digits."),
        name,
        key_in: name.map(|_| "header"),
        scheme,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    }
}
