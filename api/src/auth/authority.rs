//! Whoever may do something with a person's record.

use levqor_audit::Actor;
use levqor_store::{TenantId, UserId};
use levqor_trace::TraceContext;
use poem::{Request, RequestBody};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, registry::Registry};

use super::{
    Caller, SignedIn,
    scheme::{API_KEY, BEARER, USER_TOKEN, register_key, register_user},
};
use crate::error::{Code, Problem};

/// What a valid secret stands for. The gate puts it into the request; an operation that takes it is open to both and
/// asks [`Authority::over`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authority {
    /// A tenant.
    Key(Caller),
    /// A person.
    User(SignedIn),
}

impl Authority {
    /// That of the request.
    pub(super) fn of(request: &Request) -> Option<Self> {
        request.extensions().get().copied()
    }

    /// The same, in a trace.
    pub(crate) fn within(self, trace: Option<TraceContext>) -> Self {
        match self {
            Self::Key(caller) => Self::Key(Caller { trace, ..caller }),
            person @ Self::User(_) => person,
        }
    }

    /// In whose data it moves.
    pub(crate) fn tenant(self) -> TenantId {
        match self {
            Self::Key(caller) => caller.tenant,
            Self::User(person) => person.tenant,
        }
    }

    /// Whether it reaches to this person of the tenant: a key to all, a person to themselves.
    pub(crate) fn over(self, user: UserId) -> bool {
        match self {
            Self::Key(_) => true,
            Self::User(person) => person.user == user,
        }
    }

    /// As the audit trail names it.
    pub(crate) fn actor(self) -> Actor {
        match self {
            Self::Key(caller) => Actor::Key(caller.key),
            Self::User(person) => Actor::User(person.user),
        }
    }
}

impl<'a> ApiExtractor<'a> for Authority {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_key(registry);
        register_user(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BEARER, API_KEY, USER_TOKEN]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let needed = "This operation needs an API key or a person's token.";
        Self::of(request).ok_or_else(|| Problem::new(Code::Unauthenticated, needed).into())
    }
}
