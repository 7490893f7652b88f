//! A report, with its file.

use crate::letter::letter;

/// Tells what is in the file and how to recognise it.
#[derive(Clone, Debug)]
pub struct ReportReady {
    /// What it is called.
    pub title: String,
    /// Which time it tells about, as people read it.
    pub period: String,
    /// Pages of the file.
    pub pages: i64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

letter!(
    ReportReady,
    "report_ready",
    "report_ready.txt",
    "report_ready.html",
    |letter| format!("{}: {}", letter.title, letter.period)
);
