//! Why something was not done.

use jiff::Error as DateError;
use levqor_entities::dsar_requests::State;
use levqor_objects::ObjectError;
use levqor_platform::NotConfigured;
use levqor_store::StoreError;

use crate::{package::PackageError, seal::Broken};

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DsarError {
    /// The caller is told no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object storage said no.
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// The installation lacks a setting.
    #[error(transparent)]
    NotConfigured(#[from] NotConfigured),
    /// The package cannot be written.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// What was stored does not open.
    #[error("a stored object does not open: {0}")]
    Sealed(#[from] Broken),
    /// An object that must be there is not.
    #[error("the object {0} is gone")]
    Lost(String),
    /// What was read back is not what was written.
    #[error("the stored package is damaged: {0}")]
    Damaged(String),
    /// A date is beyond the calendar.
    #[error(transparent)]
    Date(#[from] DateError),
    /// A thread for slow work ended badly.
    #[error("work was broken off")]
    BrokenOff,
}

/// What a caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The tenant has no such user.
    #[error("there is no user with this id")]
    UnknownUser,
    /// The tenant, or the user, has no such request.
    #[error("there is no request with this id")]
    UnknownRequest,
    /// The token is unknown, used up or too old: which of these is not told.
    #[error("the link is not valid, or not any more")]
    LinkInvalid,
    /// No code is in force: none was asked for, it was used, burned or is older than ten minutes.
    #[error("no code is in force")]
    NoCode,
    /// What was sent is no code, so it is no try either.
    #[error("a code has six digits")]
    MalformedCode,
    /// The code was wrong.
    #[error("the code is wrong; {left} tries are left with it")]
    WrongCode {
        /// Tries left with this code.
        left: u8,
    },
    /// Too many codes were wrong.
    #[error("the download is locked")]
    Locked,
    /// It was handed out, and not so recently that the transfer can be repeated.
    #[error("the package was downloaded already")]
    Downloaded,
    /// There is no package to download now.
    #[error("there is no package to download in this state")]
    NotReady,
    /// Too many codes were asked for.
    #[error("too many codes were asked for")]
    TooManyCodes,
    /// Too many codes are checked at this moment.
    #[error("too many codes are checked at this moment")]
    Busy,
    /// The request is answered or over, so its clock and fate are fixed.
    #[error("the request is over")]
    Over(State),
    /// The clock is in the wrong position for this.
    #[error("the clock stands already, or does not stand")]
    Clock,
    /// It is too late to extend it, or it was extended.
    #[error("the first month is over, or the request was extended already")]
    CannotExtend,
}
