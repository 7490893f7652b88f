//! What can go wrong with a report.

use levqor_objects::ObjectError;
use levqor_pdf::PdfError;
use levqor_store::StoreError;

/// A report could not be written, stored or mailed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// There is no such report in this tenant.
    #[error("there is no such report")]
    Unknown,
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object storage said no.
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// The file could not be written: a mistake of this program.
    #[error(transparent)]
    Pdf(#[from] PdfError),
}
