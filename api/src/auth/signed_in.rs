//! A person who calls, as operations see it.

use levqor_store::{TenantId, UserId};
use poem::{Request, RequestBody};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, registry::Registry};

use super::{
    Authority,
    scheme::{USER_TOKEN, register_user},
};
use crate::error::{Code, Problem};

/// The person that a valid token stands for. An operation that takes it is about that person: a key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignedIn {
    /// The person's tenant.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
}

impl<'a> ApiExtractor<'a> for SignedIn {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_user(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![USER_TOKEN]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        match Authority::of(request) {
            Some(Authority::User(person)) => Ok(person),
            Some(Authority::Key(_)) => {
                let detail = "This operation needs the token of the person it is about.";
                Err(Problem::new(Code::UserTokenNeeded, detail).into())
            }
            None => Err(Problem::new(Code::Unauthenticated, "This operation needs a person's token.").into()),
        }
    }
}
