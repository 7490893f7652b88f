//! Whether there is room where this machine keeps data.

use std::path::{Path, PathBuf};

use super::finding::Finding;
use crate::config::{Config, Database, ObjectsPlace};

const NAME: &str = "disk";

const MIB: u64 = 1024 * 1024;

/// Less than this and a write may fail at any moment.
const FULL: u64 = 100 * MIB;

/// Less than this, or than a twentieth of the file system, and it is time to act.
const SCARCE: u64 = 1024 * MIB;

const ACTION: &str = "Make room, or move the data folder.";

/// The folders of the embedded database and of objects; the one with the least room decides.
pub(super) fn check(config: &Config) -> Finding {
    let mut folders: Vec<&PathBuf> = Vec::new();
    if let Database::Sqlite(folder) = &config.database {
        folders.push(folder);
    }
    if let ObjectsPlace::Folder(folder) = &config.objects {
        folders.push(folder);
    }
    let rooms = folders.iter().filter_map(|folder| room(folder));
    match rooms.min_by_key(|(free, _)| *free) {
        Some((free, all)) => judge(free, all),
        None if folders.is_empty() => Finding::ok(NAME, "no data is kept on this machine"),
        None => Finding::warn(
            NAME,
            "the room cannot be found out",
            "See whether the folder can be read.",
        ),
    }
}

/// Bytes free for us, and in all, of the file system of a folder or of the nearest one above that is there.
fn room(folder: &Path) -> Option<(u64, u64)> {
    let here = std::path::absolute(folder).ok()?;
    let there = here.ancestors().find(|folder| folder.exists())?;
    let found = rustix::fs::statvfs(there).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Some((bytes(found.f_bavail), bytes(found.f_blocks)))
}

fn judge(free: u64, all: u64) -> Finding {
    let found = format!("{} MiB of {} MiB are free", free / MIB, all / MIB);
    if free < FULL {
        Finding::fail(NAME, found, ACTION)
    } else if free < SCARCE || free < all / 20 {
        Finding::warn(NAME, found, ACTION)
    } else {
        Finding::ok(NAME, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::finding::State;

    #[test]
    fn room_is_judged_by_bytes_and_by_share() {
        for (free, all, state) in [
            (99 * MIB, 1_000 * MIB, State::Fail),
            (900 * MIB, 2_000 * MIB, State::Warn),
            (4_000 * MIB, 100_000 * MIB, State::Warn),
            (50_000 * MIB, 100_000 * MIB, State::Ok),
        ] {
            assert_eq!(judge(free, all).state, state, "{free} of {all}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_yet_has_the_room_of_the_one_above() {
        let folder = tempfile::tempdir().unwrap();
        let (free, all) = room(&folder.path().join("not/yet")).unwrap();
        assert!(free <= all && all > 0);
    }
}
