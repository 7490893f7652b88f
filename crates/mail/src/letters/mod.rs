//! Letters, one a file, each with a template for plain text and one for HTML in `templates/`.

mod bill;
mod consent_confirm;
mod daily_summary;
mod dsar_confirm;
mod dsar_ready;
mod dsar_update;
mod dunning_day1;
mod dunning_day14;
mod dunning_day7;
mod dunning_suspended;
mod marketing;
mod payment_action_required;
mod payment_recovered;
mod report_ready;
mod test;

pub use bill::Bill;
pub use consent_confirm::ConsentConfirm;
pub use daily_summary::{DailySummary, Section};
pub use dsar_confirm::DsarConfirm;
pub use dsar_ready::DsarReady;
pub use dsar_update::DsarUpdate;
pub use dunning_day1::DunningDay1;
pub use dunning_day7::DunningDay7;
pub use dunning_day14::DunningDay14;
pub use dunning_suspended::DunningSuspended;
pub use marketing::Marketing;
pub use payment_action_required::PaymentActionRequired;
pub use payment_recovered::PaymentRecovered;
pub use report_ready::ReportReady;
pub use test::Test;

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// Names and texts of the templates with this ending.
    fn templates(ending: &str) -> Vec<(String, String)> {
        let folder = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")).unwrap();
        let paths = folder.map(|entry| entry.unwrap().path());
        let wanted = paths.filter(|path| path.extension().is_some_and(|found| found == ending));
        wanted
            .map(|path| {
                (
                    path.file_stem().unwrap().to_str().unwrap().to_owned(),
                    fs::read_to_string(path).unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn every_letter_has_both_texts_and_the_layout() {
        let plain: Vec<String> = templates("txt").into_iter().map(|(name, _)| name).collect();
        let rich = templates("html");
        let letters = rich.iter().filter(|(name, _)| name != "layout");
        for (name, text) in letters.clone() {
            assert!(plain.contains(name), "{name} has no plain text");
            assert!(text.starts_with("{% extends \"layout.html\" %}"), "{name}");
        }
        assert_eq!(letters.count(), plain.len());
    }

    /// What is fetched when a mail is opened tells the sender that and when it was read (a tracking pixel): no letter has
    /// any, nor scripts, which no mail program runs.
    #[test]
    fn no_letter_fetches_anything() {
        for (name, text) in templates("html") {
            for bad in [
                "<img",
                "<script",
                "src=",
                "url(",
                "@import",
                "<link",
                "<iframe",
                "background=",
            ] {
                assert!(!text.to_lowercase().contains(bad), "{name} has {bad}");
            }
        }
    }
}
