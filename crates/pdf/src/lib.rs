//! Reports as PDF. A [`Report`] says what is in it, [`render`] lays it out on A4 pages and writes the file: fonts
//! embedded, tagged for screen readers (PDF/UA-1), the same bytes for the same report.
//!
//! ```text
//! Report -> layout/ (pages of placed text and shapes) -> draw/ (PDF)
//! ```

mod draw;
mod error;
mod layout;
mod report;
mod typeset;

pub use error::PdfError;
pub use report::{Align, Block, Chart, Column, Date, Point, Report, Table};

/// A written report.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many pages it has.
    pub pages: usize,
}

/// Lays a report out and writes it.
///
/// # Errors
/// The fonts cannot be read, or the file would not be a valid PDF/UA-1: mistakes of this program.
pub fn render(report: &Report) -> Result<Rendered, PdfError> {
    let mut typesetter = typeset::Typesetter::new()?;
    let pages = layout::pages(report, &mut typesetter);
    Ok(Rendered {
        pages: pages.len(),
        bytes: draw::write(report, &pages, &typesetter)?,
    })
}
