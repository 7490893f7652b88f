//! Writing a package.

use std::{collections::BTreeMap, io::Cursor, io::Write};

use askama::Template;
use levqor_entities::ids::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{
    MANIFEST, MOST_BYTES, PUBLIC_KEY, SIGNATURE, Signer, Snapshot, csv, documents,
    manifest::{FORMAT, Listed, Manifest},
    metadata::metadata,
    page::Page,
};

/// A package, ready to be handed out.
#[derive(Clone, Debug)]
pub struct Package {
    /// The ZIP.
    pub zip: Vec<u8>,
    /// Its SHA-256.
    pub digest: [u8; 32],
}

/// Why a package could not be written; the same snapshot fails again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// There is more data than a package may have.
    #[error("the package would be larger than {} MiB; answer this request by hand", MOST_BYTES >> 20)]
    TooLarge,
    /// A part of it could not be written: a mistake of this program.
    #[error("the package cannot be written: {0}")]
    Write(String),
}

macro_rules! written {
    ($($error:ty),*) => {$(
        impl From<$error> for PackageError {
            fn from(error: $error) -> Self {
                Self::Write(error.to_string())
            }
        }
    )*};
}

written!(
    askama::Error,
    ::csv::Error,
    serde_json::Error,
    std::io::Error,
    zip::result::ZipError
);

/// Writes the package of a snapshot. The same snapshot under the same key gives the same bytes.
pub fn build(snapshot: &Snapshot, signer: &Signer) -> Result<Package, PackageError> {
    let mut files = files(snapshot, signer)?;
    let listed = files
        .iter()
        .map(|(path, content)| Listed::new(path, content))
        .collect();
    let manifest = json(&Manifest {
        format: FORMAT.to_owned(),
        request: snapshot.request,
        files: listed,
    })?;
    files.insert(SIGNATURE.to_owned(), signer.sign(&manifest));
    files.insert(MANIFEST.to_owned(), manifest);
    files.insert(PUBLIC_KEY.to_owned(), signer.pem().into_bytes());
    let zip = zip(&files, snapshot.received_at)?;
    Ok(Package {
        digest: Sha256::digest(&zip).into(),
        zip,
    })
}

/// What the manifest lists.
fn files(snapshot: &Snapshot, signer: &Signer) -> Result<BTreeMap<String, Vec<u8>>, PackageError> {
    let mut files = BTreeMap::new();
    let readme = documents::Readme::new(snapshot, signer.public()).render()?;
    files.insert("README.txt".to_owned(), readme.into_bytes());
    files.insert("metadata.json".to_owned(), json(&metadata(snapshot))?);
    files.insert("data.json".to_owned(), json(&documents::data(snapshot))?);
    files.insert(
        "index.html".to_owned(),
        Page::new(snapshot).render()?.into_bytes(),
    );
    for set in &snapshot.datasets {
        files.insert(set.path(), csv::table(set)?);
    }
    let bytes: u64 = files.values().map(|content| content.len() as u64).sum();
    if bytes > MOST_BYTES {
        Err(PackageError::TooLarge)
    } else {
        Ok(files)
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, PackageError> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}

fn zip(files: &BTreeMap<String, Vec<u8>>, at: Timestamp) -> Result<Vec<u8>, PackageError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(dos_time(at))
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in files {
        writer.start_file(path, options)?;
        writer.write_all(content)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// In UTC; the ZIP's own default, 1980, for what it cannot hold.
fn dos_time(at: Timestamp) -> DateTime {
    let Ok(at) = jiff::Timestamp::from_microsecond(at.0) else {
        return DateTime::default();
    };
    let at = at.to_zoned(jiff::tz::TimeZone::UTC);
    let two = |number: i8| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(at.year()).unwrap_or_default();
    let time = DateTime::from_date_and_time(
        year,
        two(at.month()),
        two(at.day()),
        two(at.hour()),
        two(at.minute()),
        two(at.second()),
    );
    time.unwrap_or_default()
}

#[cfg(test)]
pub(super) mod tests;
