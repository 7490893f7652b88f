//! The key that signs.

use std::path::Path;

use anyhow::Context;

use crate::system;

/// The seed in the file, or a new one: no key is built in.
pub(super) fn seed(file: Option<&Path>) -> anyhow::Result<[u8; 32]> {
    let Some(file) = file else {
        return Ok(system::secret_bytes());
    };
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("{name} cannot be read"))?;
    let mut seed = [0; 32];
    let decoded = hex::decode_to_slice(text.trim(), &mut seed);
    decoded.with_context(|| format!("{name} must hold 64 hexadecimal digits"))?;
    Ok(seed)
}
