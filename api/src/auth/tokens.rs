//! Tokens of people: whom they stand for.

use std::{sync::Arc, time::Duration};

use levqor_accounts::{Standing, standing};
use levqor_store::Db;

use super::{SignedIn, known::Known};
use crate::error::{Code, Problem};

/// Somebody signed in, with the plan of their tenant.
pub(crate) type Session = (SignedIn, Arc<str>);

/// What is known of a token: None when it has ended.
type Worth = Option<Session>;

/// The tokens of all people.
pub(crate) struct Tokens(Known<Worth>);

impl Tokens {
    pub(crate) fn new() -> Self {
        Self(Known::new())
    }

    /// Whether a token with this hash was seen before, however long ago.
    pub(crate) fn seen(&self, hash: &[u8; 32]) -> bool {
        self.0.seen(hash)
    }

    /// Whom the token with this hash stands for; a problem when there is none or it has ended.
    pub(crate) async fn check(
        &self,
        hash: [u8; 32],
        db: &Db,
        now: impl Fn() -> Duration,
    ) -> Result<Session, Problem> {
        let load = async || Ok(standing(db, &hash).await?.map(worth));
        let known = self.0.get(hash, now, load).await?;
        let known = known.ok_or_else(|| Problem::new(Code::Unauthenticated, "The token is not known."))?;
        let ended = "The token has expired or was revoked.";
        known.ok_or_else(|| Problem::new(Code::UserTokenEnded, ended))
    }

    /// Forgets a token that this process has just revoked.
    pub(crate) fn forget(&self, hash: &[u8]) {
        if let Ok(hash) = hash.try_into() {
            self.0.forget(hash);
        }
    }
}

fn worth(standing: Standing) -> Worth {
    match standing {
        Standing::Good { tenant, user, plan } => Some((SignedIn { tenant, user }, plan.into())),
        Standing::Ended => None,
    }
}
