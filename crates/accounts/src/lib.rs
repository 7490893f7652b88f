//! People of a tenant. A record is found by its e-mail address: whoever says "this person" twice, at once or later, means
//! one record. A person acts by a token that the tenant asked for, until accounts of their own come.

mod change;
mod currency;
mod email;
mod find;
mod terms;
mod tokens;
mod upsert;

use levqor_store::StoreError;

pub use change::{Changes, Field, META_LIMIT};
pub use currency::Currency;
pub use email::{Email, InvalidEmail};
pub use find::{find, find_by_email, list};
pub use levqor_entities::users::Model as User;
pub use terms::{Acceptance, accept_terms};
pub use tokens::{Issued, LIFE, Standing, TOKEN_PREFIX, issue_token, revoke_tokens, standing};
pub use upsert::{NewUser, Updated, Upserted, update, upsert};

/// Why a record was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// `meta` would have more than [`META_LIMIT`] bytes.
    #[error("meta would be larger than {} KiB", META_LIMIT / 1024)]
    MetaTooLarge,
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeError> for StoreError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Store(error) => error,
            ChangeError::MetaTooLarge => levqor_store::DataError(error.to_string()).into(),
        }
    }
}
