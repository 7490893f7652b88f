//! What the installation did in a day, for its operator.

use crate::letter::letter;

/// Figures of a day in sections, and what is to be done.
#[derive(Clone, Debug)]
pub struct DailySummary {
    /// Which day, as people read it.
    pub day: String,
    /// How the service is now, in a word.
    pub state: String,
    /// What somebody should look at, one sentence each.
    pub warnings: Vec<String>,
    /// The figures.
    pub sections: Vec<Section>,
}

/// Figures that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What they are about.
    pub title: String,
    /// Names and figures.
    pub lines: Vec<(String, String)>,
}

letter!(
    DailySummary,
    "daily_summary",
    "daily_summary.txt",
    "daily_summary.html",
    |letter| {
        match letter.warnings.len() {
            0 => format!("{}: {}", letter.day, letter.state),
            1 => format!("{}: {}, 1 warning", letter.day, letter.state),
            count => format!("{}: {}, {count} warnings", letter.day, letter.state),
        }
    }
);
