//! A file for each mail: the embedded default, where nothing is set up and nobody else gets mail.

use std::path::Path;

use async_trait::async_trait;
use levqor_objects::{Key, ObjectError, Objects};

use super::{Failure, Transport};
use crate::{message::Message, mime};

/// `ID.eml` in a folder, whole or not at all, readable by its owner only. A repeat writes the same file anew.
pub(crate) struct Folder(levqor_objects::Folder);

impl Folder {
    pub(crate) fn new(folder: &Path) -> Self {
        Self(levqor_objects::Folder::new(folder))
    }
}

#[async_trait]
impl Transport for Folder {
    async fn send(&self, message: &Message) -> Result<Option<String>, Failure> {
        let text = mime::build(message).map_err(Failure::Final)?.formatted();
        let name = format!("{}.eml", message.id);
        let key = Key::new(name).ok_or_else(|| Failure::Final("its id names no file".to_owned()))?;
        let written = self.0.put(&key, text.into()).await;
        written
            .map(|()| None)
            .map_err(|error: ObjectError| Failure::here(error.to_string()))
    }
}
