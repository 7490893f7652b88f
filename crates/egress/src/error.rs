//! Why there is no answer. No text names more of a URL than its host: paths and queries carry secrets.

use std::{error::Error, fmt};

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EgressError {
    /// Not allowed, now or later: the address, the scheme, a header, too many redirects. Do not retry.
    #[error("refused: {0}")]
    Refused(String),
    /// No complete answer within the time allowed.
    #[error("timed out: {0}")]
    Timeout(String),
    /// The name does not resolve, nobody listens, or TLS failed.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// The decompressed body, or the headers, are larger than the policy's limit, given here in bytes.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// What came is not HTTP, or it broke off.
    #[error("protocol error: {0}")]
    Protocol(String),
}

/// An address that policy refuses, on its way through the HTTP client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Refusal {}

impl EgressError {
    /// From the client's error, about this host.
    pub(crate) fn from_client(error: &reqwest::Error, host: &str) -> Self {
        let chain = || std::iter::successors(Some(error as &dyn Error), |error| (*error).source());
        if let Some(refusal) = chain().find_map(|error| error.downcast_ref::<Refusal>()) {
            return Self::Refused(refusal.0.clone());
        }
        let cause = chain().last().map_or_else(String::new, ToString::to_string);
        let sentence = format!("{host}: {cause}");
        if error.is_timeout() {
            Self::Timeout(sentence)
        } else if error.is_connect() || error.is_dns() {
            Self::Connect(sentence)
        } else {
            Self::Protocol(sentence)
        }
    }
}
