//! Who opens a page: where from and with what. Kept where the law asks for proof, and then only in part.

use poem::{FromRequest, Request, RequestBody, http::header};

use crate::{
    error::{Code, Problem},
    middleware::Address,
};

/// Most bytes of a browser's name that are looked at.
const AGENT: usize = 500;

/// A caller as a person.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// Where from.
    pub address: Address,
    agent: Option<String>,
}

impl Visitor {
    /// The browser's name, when it is text.
    pub(crate) fn agent(&self) -> Option<&str> {
        let agent = self.agent.as_deref()?;
        Some(agent.get(..AGENT).unwrap_or(agent))
    }
}

impl<'a> FromRequest<'a> for Visitor {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let unknown = || Problem::new(Code::Internal, "The request's address is not known.");
        let agent = request.headers().get(header::USER_AGENT);
        Ok(Self {
            address: *request.extensions().get::<Address>().ok_or_else(unknown)?,
            agent: agent.and_then(|agent| agent.to_str().ok()).map(ToOwned::to_owned),
        })
    }
}
