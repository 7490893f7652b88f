//! The documents of `workflows/`, by name. A document that changes gets a new `version`: versions are immutable.

/// A process of ours.
#[derive(Clone, Copy, Debug)]
pub struct Document {
    /// `document.name`; its namespace is [`crate::NAMESPACE`].
    pub name: &'static str,
    /// YAML.
    pub text: &'static str,
    /// Whether it runs in the installation's own tenant, by a schedule of its own, rather than for a tenant.
    pub system: bool,
}

/// All, in order of their names.
pub const DOCUMENTS: &[Document] = &[];

/// The document of this name.
pub fn document(name: &str) -> Option<&'static Document> {
    DOCUMENTS.iter().find(|document| document.name == name)
}
