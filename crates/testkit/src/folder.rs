//! Temporary folders.

use std::path::Path;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::watchdog;

/// A new empty folder, removed with all it holds on drop or when the test process dies.
#[derive(Debug)]
pub struct TempFolder(TempDir);

impl TempFolder {
    /// Makes one in the system's temporary folder.
    pub fn new() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("levqor-test-")
            .tempdir()
            .context("temporary folder")?;
        watchdog::watch_folder(folder.path())?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}
