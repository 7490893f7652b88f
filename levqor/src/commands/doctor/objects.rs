//! Whether exports and reports can be stored.

use levqor_objects::{Key, ObjectError};
use levqor_store::IdSource;

use super::finding::Finding;
use crate::{config::Config, system::SystemIds, wiring};

const NAME: &str = "objects";

/// Writes a small object, reads it and deletes it.
pub(super) async fn check(config: &Config) -> Finding {
    let Some(key) = Key::new(format!("doctor/{}", SystemIds.uuid_v7())) else {
        return Finding::fail(NAME, "the probe has no name", "Report this.");
    };
    match probe(config, &key).await {
        Ok(()) => Finding::ok(NAME, "can be written, read and deleted"),
        Err(error) => Finding::fail(
            NAME,
            error.to_string(),
            "Correct the setting objects, or its rights.",
        ),
    }
}

async fn probe(config: &Config, key: &Key) -> Result<(), ObjectError> {
    let objects = wiring::objects(config);
    objects.put(key, "probe".into()).await?;
    let read = objects.get(key).await?;
    objects.delete(key).await?;
    match read {
        Some(read) if read == "probe" => Ok(()),
        _ => Err(ObjectError::Unavailable(
            "what was written was not read".to_owned(),
        )),
    }
}
