//! Requests of people for the data that a tenant keeps about them (GDPR article 15).
//!
//! ```text
//! open ----> accepted -> collected -> packaged -> stored -> ready -> downloaded -> expired
//!   \-> unverified -/       (run of workflows/dsar-export.yaml, steps/)      (download/)
//!              decide/: extend, pause, resume, refuse            refused, failed
//! ```
//!
//! **Verified** is a request that the person made signed in, with a token that the tenant issued after it had made sure
//! who they are; or one that the tenant made for them and that they confirmed by a link to their address. Only verified
//! requests are answered and count: one in 24 hours, a second gives the first one back.
//!
//! **A package opens** with three things: a session of the person, to whom alone the six-digit code is shown; the token of
//! the mailed link; and the code. Its objects are encrypted under a key that is deleted with it.
//!
//! Every step can be repeated: it begins by asking how far the request is, and ends with one conditional UPDATE.

mod change;
pub mod code;
pub mod decide;
pub mod download;
pub mod due;
mod error;
mod find;
mod objects;
mod open;
pub mod package;
mod progress;
pub mod seal;
pub mod steps;
mod trail;
mod watch;

pub use error::{DsarError, Refusal};
pub use find::{Filter, find, list, own};
pub use levqor_entities::{
    dsar_requests::{Model as Request, Origin, State},
    ids::DsarId,
};
pub use open::{Asking, By, Opened, confirm, confirmable, open};
pub use progress::{percent, state, timeline, word};
pub use watch::{Watched, watch};

/// Name of the process that answers a request.
pub const PROCESS: &str = "dsar-export";

/// How long after a verified request another gives the same one back.
pub const QUOTA: std::time::Duration = std::time::Duration::from_hours(24);

/// How long a package can be downloaded.
pub const LIFE: std::time::Duration = std::time::Duration::from_hours(24);

/// What an installation without a setting is told that it cannot do.
const FEATURE: &str = "the export of a person's data";
