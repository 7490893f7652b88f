//! `levqor config`: what is in force.

use crate::config::Config;

/// Prints TOML that can be used as a file, but for the masked secrets.
pub(crate) fn show(config: &Config) {
    print!("{config}");
}
