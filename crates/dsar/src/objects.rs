//! A request's objects: encrypted, under keys that nobody can guess a person from.

use bytes::Bytes;
use levqor_entities::dsar_grants;
use levqor_objects::Key as ObjectKey;
use levqor_platform::{Platform, Secrets};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::{DsarError, FEATURE, Request, seal::Key};

/// Names of objects, also bound into their encryption.
pub(crate) const SNAPSHOT: &str = "snapshot";
pub(crate) const PACKAGE: &str = "package";

/// The key under which the keys of packages are encrypted.
pub(crate) fn wrapping(secrets: &Secrets) -> Key {
    Key::new(secrets.derive("dsar package keys v1"))
}

/// The objects of one request, as long as their key exists.
pub(crate) struct Sealed<'a> {
    platform: &'a Platform,
    request: &'a Request,
    key: Key,
}

impl<'a> Sealed<'a> {
    /// None when the key was deleted: the request is over.
    pub(crate) async fn of(platform: &'a Platform, request: &'a Request) -> Result<Option<Self>, DsarError> {
        let db = &platform.db;
        let found = dsar_grants::secure_find(request.tenant_id)
            .filter(dsar_grants::Column::RequestId.eq(request.id))
            .one(db.reader())
            .await
            .map_err(|error| db.error(error))?;
        found
            .map(|grant| Self::under(platform, request, &grant.sealed_key))
            .transpose()
    }

    pub(crate) fn under(
        platform: &'a Platform,
        request: &'a Request,
        sealed: &[u8],
    ) -> Result<Self, DsarError> {
        let key = Key::unwrap(&wrapping(platform.secrets(FEATURE)?), request.id, sealed)?;
        Ok(Self {
            platform,
            request,
            key,
        })
    }

    /// Encrypts and writes.
    pub(crate) async fn put(&self, name: &str, at: &ObjectKey, plain: &[u8]) -> Result<(), DsarError> {
        let sealed = self
            .key
            .seal((self.platform.entropy)(), self.request.id, name, plain)?;
        Ok(self.platform.objects.put(at, Bytes::from(sealed)).await?)
    }

    /// Reads and decrypts.
    pub(crate) async fn get(&self, name: &str, at: &ObjectKey) -> Result<Vec<u8>, DsarError> {
        let sealed = self.platform.objects.get(at).await?;
        let sealed = sealed.ok_or_else(|| DsarError::Lost(at.as_str().to_owned()))?;
        Ok(self.key.open(self.request.id, name, &sealed)?)
    }
}

/// Where the copy of the rows lies until the package is stored.
pub(crate) fn snapshot_key(request: &Request) -> Result<ObjectKey, DsarError> {
    key(format!("dsar/{}/{SNAPSHOT}", request.id))
}

/// Where a package lies. Its digest is part of the key, so that a worker that was thought dead and writes late writes
/// elsewhere.
pub(crate) fn package_key(request: &Request, digest: &[u8]) -> Result<ObjectKey, DsarError> {
    key(format!("dsar/{}/{}", request.id, hex::encode(digest)))
}

fn key(text: String) -> Result<ObjectKey, DsarError> {
    ObjectKey::new(&*text).ok_or(DsarError::Lost(text))
}

/// Deletes what there may be of it. Safe to repeat.
pub(crate) async fn delete(platform: &Platform, request: &Request) -> Result<(), DsarError> {
    platform.objects.delete(&snapshot_key(request)?).await?;
    if let Some(digest) = &request.package_digest {
        platform.objects.delete(&package_key(request, digest)?).await?;
    }
    Ok(())
}
