//! A library preloaded into programs under test, that moves their wall clock and fills their disk: see `preload.c`. The
//! machine's clock and disk stay as they are, and no rights are needed.

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::{FileExt, PermissionsExt},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{TempFolder, eventually};

const LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/preload.so"));

/// Programs started with [`Preload::environment`] obey it until they end; those linked statically do not:
/// [`Preload::is_missing_in`].
#[derive(Debug)]
pub struct Preload {
    library: PathBuf,
    path: PathBuf,
    switches: File,
    _folder: TempFolder,
}

impl Preload {
    /// A clock that is right and a disk with space.
    pub fn new() -> Result<Self> {
        let folder = TempFolder::new()?;
        // Postgres reads both as a user of its own.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        let (library, path) = (folder.path().join("preload.so"), folder.path().join("switches"));
        fs::write(&library, LIBRARY).context("write the library")?;
        fs::write(&path, [0; 16])?;
        for file in [&library, &path] {
            fs::set_permissions(file, Permissions::from_mode(0o644))?;
        }
        let switches = File::options().write(true).open(&path)?;
        Ok(Self {
            library,
            path,
            switches,
            _folder: folder,
        })
    }

    /// Variables for the program.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        [
            ("LD_PRELOAD", self.library.display().to_string()),
            ("TESTKIT_SWITCHES", self.path.display().to_string()),
        ]
    }

    /// Whether a running process has not loaded the library. One that has just begun gets a second to do so.
    pub async fn is_missing_in(&self, process: u32) -> bool {
        let library = self.library.to_string_lossy();
        // What has ended has no maps.
        let loaded = async || {
            let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap_or_default();
            maps.is_empty() || maps.contains(&*library)
        };
        eventually(Duration::from_secs(1), loaded).await.is_err()
    }

    /// The wall clock is off by so many seconds from now on.
    pub fn shift_clock(&self, seconds: i64) -> Result<()> {
        self.write(seconds, 0)
    }

    /// Whether the disk that temporary folders are on is full for the program: then files there do not grow.
    pub fn fill_disk(&self, full: bool) -> Result<()> {
        self.write(full.into(), 8)
    }

    /// Eight aligned bytes in one page of the page cache, which the programs map: they see all of it or none.
    fn write(&self, number: i64, at: u64) -> Result<()> {
        self.switches
            .write_all_at(&number.to_ne_bytes(), at)
            .context("write a switch")
    }
}
