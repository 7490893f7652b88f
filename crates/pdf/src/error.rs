//! What can go wrong: nothing that the content of a report could cause.

/// A report could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PdfError {
    /// An embedded font cannot be read.
    #[error("an embedded font cannot be read")]
    Font,
    /// The writer refused the document.
    #[error("the document is not valid: {0}")]
    Invalid(String),
}
