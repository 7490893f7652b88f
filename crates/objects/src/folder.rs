//! Objects as files of a local folder, readable by their owner only.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Key, ObjectError, Objects};

/// The embedded default. Replicas on other machines do not see it: a fleet takes a bucket or a shared folder.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Files go below this folder, which is made at the first write.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self(root.into())
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.0.join(key.as_str())
    }
}

#[async_trait]
impl Objects for Folder {
    async fn put(&self, key: &Key, content: Bytes) -> Result<(), ObjectError> {
        let path = self.path(key);
        blocking(move || write(&path, &content)).await
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>, ObjectError> {
        let path = self.path(key);
        blocking(move || absent(fs::read(path)))
            .await
            .map(|content| content.map(Bytes::from))
    }

    async fn delete(&self, key: &Key) -> Result<(), ObjectError> {
        let path = self.path(key);
        blocking(move || absent(fs::remove_file(path))).await.map(drop)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, ObjectError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)
        .flatten()
        .map_err(|error| ObjectError::Unavailable(error.to_string()))
}

/// Nothing there is an answer, not an error.
fn absent<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Under another name first, so that a crash leaves the old object or the new one, never half of one.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".part");
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_object_is_written_replaced_read_and_deleted() {
        let root = tempfile::tempdir().unwrap();
        let objects = Folder::new(root.path().join("objects"));
        let key = Key::new("a/b.zip").unwrap();
        assert_eq!(objects.get(&key).await.unwrap(), None);
        objects.put(&key, Bytes::from_static(b"one")).await.unwrap();
        objects.put(&key, Bytes::from_static(b"two")).await.unwrap();
        assert_eq!(objects.get(&key).await.unwrap().unwrap(), "two");
        objects.delete(&key).await.unwrap();
        objects.delete(&key).await.unwrap();
        assert_eq!(objects.get(&key).await.unwrap(), None);
    }

    #[tokio::test]
    async fn an_object_is_readable_by_its_owner_only() {
        let root = tempfile::tempdir().unwrap();
        let objects = Folder::new(root.path());
        let key = Key::new("a/b").unwrap();
        objects.put(&key, Bytes::from_static(b"one")).await.unwrap();
        let mode = |path: &str| fs::metadata(root.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("a"), mode("a/b")), (0o700, 0o600));
    }
}
