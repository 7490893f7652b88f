//! What the product's rules stand on, in one value that the API and the worker both hold.

mod address;
mod cache;
mod secrets;
#[cfg(feature = "testing")]
pub mod testing;
mod token;

use std::sync::Arc;

use levqor_objects::Objects;
use levqor_processes::Processes;
use levqor_store::{Db, IdSource};

pub use address::private;
pub use cache::Cache;
pub use secrets::Secrets;
pub use token::Token;

/// 32 bytes of a cryptographic random source, anew at each call.
pub type Entropy = Arc<dyn Fn() -> [u8; 32] + Send + Sync>;

/// Dependencies of the product's rules. Cheap to clone.
#[derive(Clone)]
pub struct Platform {
    /// Tables of the product.
    pub db: Db,
    /// Ids.
    pub ids: Arc<dyn IdSource>,
    /// Randomness for tokens, codes and salts.
    pub entropy: Entropy,
    /// Keys derived from the installation's; ask through [`Platform::secrets`].
    pub secrets: Option<Secrets>,
    /// Where people reach this installation, without a slash at the end; ask through [`Platform::link`].
    pub public_url: Option<Arc<str>>,
    /// Exports and reports.
    pub objects: Arc<dyn Objects>,
    /// Where mails to the operator go, a normalised address.
    pub operator_mail: Option<Arc<str>>,
    /// Our own workflows.
    pub processes: Processes,
}

/// A setting that a feature needs and the installation does not have. `setting` is its name in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{feature} needs the setting {setting}")]
pub struct NotConfigured {
    /// What cannot be done without.
    pub feature: &'static str,
    /// Name of the setting.
    pub setting: &'static str,
}

impl Platform {
    /// The installation's keys, for a feature that cannot be safe without.
    pub fn secrets(&self, feature: &'static str) -> Result<&Secrets, NotConfigured> {
        let setting = "secret_key";
        self.secrets.as_ref().ok_or(NotConfigured { feature, setting })
    }

    /// A URL that people can open; `path` begins with a slash.
    pub fn link(&self, feature: &'static str, path: &str) -> Result<String, NotConfigured> {
        let setting = "public_url";
        let base = self
            .public_url
            .as_ref()
            .ok_or(NotConfigured { feature, setting })?;
        Ok(format!("{base}{path}"))
    }
}
