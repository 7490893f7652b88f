//! What was measured of one installation or peer.

use std::collections::BTreeMap;

/// Samples by row, lines over time, remarks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    samples: BTreeMap<&'static str, Vec<f64>>,
    pub(crate) series: Vec<Series>,
    /// What has to be known to read a figure, or why there is none.
    pub(crate) notes: Vec<String>,
    /// Versions and settings, by name.
    pub(crate) settings: Vec<(String, String)>,
}

/// A line of a plot.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    /// Seconds since the begin, and the figure.
    pub(crate) points: Vec<(f64, f64)>,
}

impl Record {
    /// Adds a sample of a row of [`crate::rows`].
    pub(crate) fn push(&mut self, row: &'static str, sample: f64) {
        debug_assert!(
            crate::rows::row(row).is_some(),
            "{row} is not in the list of rows"
        );
        self.samples.entry(row).or_default().push(sample);
    }

    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// All samples of a row, sorted; empty when it was not measured.
    pub(crate) fn sorted(&self, row: &str) -> Vec<f64> {
        let mut samples = self.samples.get(row).cloned().unwrap_or_default();
        samples.sort_by(f64::total_cmp);
        samples
    }

    /// The median of a row, if it was measured.
    pub(crate) fn median(&self, row: &str) -> Option<f64> {
        let samples = self.sorted(row);
        (!samples.is_empty()).then(|| quantile(&samples, 0.5))
    }
}

/// The figure at a fraction of a sorted list; NaN of an empty one.
pub(crate) fn quantile(sorted: &[f64], fraction: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted
        .get((last as f64 * fraction).round() as usize)
        .copied()
        .unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_sorted_list() {
        let list: Vec<f64> = (0..=100).map(f64::from).collect();
        assert_eq!((quantile(&list, 0.5), quantile(&list, 0.99)), (50.0, 99.0));
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn a_row_without_samples_has_no_median() {
        let mut record = Record::default();
        assert_eq!(record.median("wf3_per_s"), None);
        for sample in [3.0, 1.0, 2.0] {
            record.push("wf3_per_s", sample);
        }
        assert_eq!(record.median("wf3_per_s"), Some(2.0));
    }
}
