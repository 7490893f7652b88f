//! Each process of ours survives kill -9 at every step boundary: it completes, and what it does has happened once.

mod consent;
mod dsar;
mod dunning;
mod report;
mod retention;
mod scheduled;

use std::collections::BTreeSet;

use anyhow::Result;
use levqor_processes::DOCUMENTS;
use levqor_tests::{Scenario, walk};

/// A test for each scenario, and the list of what they walk.
macro_rules! walked {
    ($($test:ident: $scenario:ty,)*) => {
        const WALKED: &[&str] = &[$(<$scenario>::NAME,)*];

        $(
            #[tokio::test]
            async fn $test() -> Result<()> {
                walk(&<$scenario>::default()).await
            }
        )*
    };
}

walked! {
    a_consent_mail_survives_kill_9_at_every_step: consent::Question,
    a_consent_expiry_survives_kill_9_at_every_step: consent::Expiry,
    a_marketing_send_survives_kill_9_at_every_step: consent::Send,
    a_data_export_survives_kill_9_at_every_step: dsar::Export,
    a_watch_over_data_requests_survives_kill_9_at_every_step: dsar::Watch,
    dunning_survives_kill_9_at_every_step: dunning::Dunning,
    a_daily_summary_survives_kill_9_at_every_step: report::Daily,
    a_report_survives_kill_9_at_every_step: report::Ordered,
    weekly_reports_survive_kill_9_at_every_step: report::Weekly,
    a_retention_sweep_survives_kill_9_at_every_step: retention::Sweep,
    a_sync_with_notion_survives_kill_9_at_every_step: scheduled::Notion,
}

#[test]
fn every_process_is_walked() {
    let walked: BTreeSet<&str> = WALKED.iter().copied().collect();
    let documents: BTreeSet<&str> = DOCUMENTS.iter().map(|document| document.name).collect();
    assert!(
        walked.is_superset(&documents),
        "{documents:?} are there, {walked:?} are walked"
    );
}
