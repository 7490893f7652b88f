//! Checking a package, offline and whoever made it: sizes, digests, signature, and that there is nothing more in it.
//!
//! A file is read, never unpacked, so no name in it can lead anywhere; names that would, when somebody else unpacks it,
//! are faults all the same. Entries must be stored as they are, so what is read is never larger than the file.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};

use levqor_entities::ids::DsarId;
use ring::signature::{ED25519, UnparsedPublicKey};
use zip::{CompressionMethod, ZipArchive};

use super::{
    MANIFEST, MOST_BYTES, PUBLIC_KEY, SIGNATURE,
    manifest::{FORMAT, Listed, Manifest},
    signer::read_pem,
};

/// Most entries that are looked at.
const MOST_ENTRIES: usize = 10_000;

/// A package that is whole and unaltered since it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The request it answers.
    pub request: DsarId,
    /// Files that the manifest lists.
    pub files: usize,
    /// Their bytes together.
    pub bytes: u64,
    /// The key that signed it, 64 hexadecimal digits. Whose key that is only its owner can say.
    pub key: String,
}

/// Something wrong with a package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default())]
pub struct Fault {
    /// The file it is about; None when it is about the package.
    pub file: Option<String>,
    /// What is wrong, in words.
    pub what: String,
}

type Files = BTreeMap<String, Vec<u8>>;

/// Checks a package. `key` is the one it must be signed by; without, the one in it is believed, which proves only that
/// nothing changed since whoever made it signed it.
///
/// # Errors
/// Everything that is wrong, as far as it can be told.
pub fn verify(package: &[u8], key: Option<[u8; 32]>) -> Result<Verified, Vec<Fault>> {
    let files = read(package).map_err(|fault| vec![fault])?;
    let (manifest, key) = signed(&files, key).map_err(|fault| vec![fault])?;
    let faults = listed(&files, &manifest);
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Verified {
        request: manifest.request,
        files: manifest.files.len(),
        bytes: manifest.files.iter().map(|file| file.size).sum(),
        key: hex::encode(key),
    })
}

fn fault(file: &str, what: impl Into<String>) -> Fault {
    Fault {
        file: Some(file.to_owned()),
        what: what.into(),
    }
}

fn broken(what: impl Into<String>) -> Fault {
    Fault {
        file: None,
        what: what.into(),
    }
}

/// The files in it.
fn read(package: &[u8]) -> Result<Files, Fault> {
    if package.len() as u64 > MOST_BYTES {
        return Err(broken(format!("it is larger than {} MiB", MOST_BYTES >> 20)));
    }
    let damaged = |error: zip::result::ZipError| broken(format!("it is no ZIP that can be read: {error}"));
    let mut archive = ZipArchive::new(Cursor::new(package)).map_err(damaged)?;
    if archive.len() > MOST_ENTRIES {
        return Err(broken(format!("it has more than {MOST_ENTRIES} entries")));
    }
    let duplicate = archive.has_duplicate_names();
    archive.validate_header_consistency().map_err(damaged)?;
    let mut files = Files::new();
    for index in 0..archive.len() {
        let (name, content) = entry(&mut archive, index, package.len())?;
        if files.insert(name.clone(), content).is_some() || duplicate {
            return Err(fault(&name, "it is in the package twice"));
        }
    }
    accounted(package.len(), &files)?;
    Ok(files)
}

fn entry(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
    most: usize,
) -> Result<(String, Vec<u8>), Fault> {
    let damaged = |error: &dyn std::fmt::Display| broken(format!("entry {index} cannot be read: {error}"));
    let mut entry = archive.by_index(index).map_err(|error| damaged(&error))?;
    let name = entry.name().map_err(|error| damaged(&error))?.into_owned();
    if !is_plain(&name) || !entry.is_file() {
        return Err(fault(
            &name,
            "its name or kind could lead out of the folder it is unpacked to",
        ));
    }
    if entry.compression() != CompressionMethod::Stored || entry.encrypted() {
        return Err(fault(&name, "it is compressed or encrypted, which no package is"));
    }
    if entry.size() > most as u64 {
        return Err(fault(&name, "it claims to be larger than the package"));
    }
    let mut content = Vec::new();
    entry
        .read_to_end(&mut content)
        .map_err(|error| fault(&name, format!("it cannot be read: {error}")))?;
    Ok((name, content))
}

/// Segments of letters, digits, `-`, `_` and `.`, joined by `/`, none beginning with a dot.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name.split('/')
        .all(|segment| !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(plain))
}

/// Nothing stands before, between or behind the entries: their headers and contents together are the whole file.
fn accounted(length: usize, files: &Files) -> Result<(), Fault> {
    const LOCAL: usize = 30;
    const CENTRAL: usize = 46;
    const END: usize = 22;
    let entries = files
        .iter()
        .map(|(name, content)| LOCAL + CENTRAL + 2 * name.len() + content.len());
    if entries.sum::<usize>() + END == length {
        Ok(())
    } else {
        Err(broken("there is something in it beside its files"))
    }
}

/// The manifest, when its signature is good, and the key that made it.
fn signed(files: &Files, expected: Option<[u8; 32]>) -> Result<(Manifest, [u8; 32]), Fault> {
    let part = |name: &str| files.get(name).ok_or_else(|| fault(name, "it is missing"));
    let (text, signature) = (part(MANIFEST)?, part(SIGNATURE)?);
    let own = read_pem(part(PUBLIC_KEY)?).ok_or_else(|| fault(PUBLIC_KEY, "it is no Ed25519 public key"))?;
    let key = expected.unwrap_or(own);
    if key != own {
        return Err(fault(
            PUBLIC_KEY,
            format!("it is not the expected key but {}", hex::encode(own)),
        ));
    }
    UnparsedPublicKey::new(&ED25519, key)
        .verify(text, signature)
        .map_err(|_| fault(SIGNATURE, "it is no signature of manifest.json by the key"))?;
    let manifest: Manifest =
        serde_json::from_slice(text).map_err(|error| fault(MANIFEST, error.to_string()))?;
    if manifest.format == FORMAT {
        Ok((manifest, key))
    } else {
        Err(fault(
            MANIFEST,
            format!("its format {:?} is not known to this program", manifest.format),
        ))
    }
}

/// What differs between the manifest and the files.
fn listed(files: &Files, manifest: &Manifest) -> Vec<Fault> {
    let mut faults = Vec::new();
    for Listed { path, size, sha256 } in &manifest.files {
        match files.get(path).map(|content| Listed::new(path, content)) {
            None => faults.push(fault(path, "it is missing")),
            Some(found) if found.size != *size => {
                faults.push(fault(
                    path,
                    format!("it has {} bytes and should have {size}", found.size),
                ));
            }
            Some(found) if found.sha256 != *sha256 => {
                faults.push(fault(path, "its SHA-256 differs: it was altered"));
            }
            Some(_) => {}
        }
    }
    let known = |name: &str| {
        [MANIFEST, SIGNATURE, PUBLIC_KEY].contains(&name)
            || manifest.files.iter().any(|file| file.path == name)
    };
    let extra = files.keys().filter(|name| !known(name));
    faults.extend(extra.map(|name| fault(name, "it is not listed in the manifest")));
    faults
}

#[cfg(test)]
mod tests;
