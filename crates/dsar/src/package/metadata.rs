//! `metadata.json`: what GDPR article 15 asks for beside the data itself.
//!
//! It says what this installation knows. What only the controller knows (its other systems, its own recipients) it says
//! to ask the controller for.

use serde_json::{Value, json};

use super::{Dataset, Snapshot, time};

/// Who may receive data through this installation: article 15(1)(c).
const RECIPIENTS: [&str; 4] = [
    "The controller and those who work for it.",
    "Whoever operates this installation of Levqor, and its hosting, as processors.",
    "The mail service that the installation is set up with: your address and the mails to you.",
    "A payment or workspace service that the controller has connected, as far as its own records name you.",
];

/// Article 15(1)(e).
const RIGHTS: [&str; 6] = [
    "to have inaccurate data corrected (article 16)",
    "to have data erased (article 17)",
    "to have its processing restricted (article 18)",
    "to receive what you provided in a form that machines read, which data.json and the CSV files are (article 20)",
    "to object to processing that rests on article 6(1)(e) or (f), and to advertising at any time (article 21)",
    "to withdraw a consent at any time (article 7(3))",
];

/// Article 15(1)(f).
const COMPLAINT: &str = "You may complain to a supervisory authority: in the United Kingdom the Information Commissioner's \
    Office, in the European Union that of the place where you live or work, or where you see the infringement (article 77).";

/// Article 15(1)(g).
const SOURCE: &str = "From you, and from the controller, which entered it or had its own systems send it. Times, states and \
    identifiers were made by this installation.";

/// Article 15(1)(h).
const AUTOMATED: &str = "This installation takes no decision about you that has legal or similar effect by automated means \
    alone (article 22). Whether the controller's own workflows do, the controller must tell you.";

/// Article 15(2).
const TRANSFERS: &str = "The data is stored where the installation's database and object storage are. The controller must \
    tell you of transfers to other countries and their safeguards (article 46).";

/// The file.
pub(super) fn metadata(snapshot: &Snapshot) -> Value {
    let each = |what: fn(&Dataset) -> Value| -> Value { snapshot.datasets.iter().map(what).collect() };
    json!({
        "request": snapshot.request,
        "received_at": time(snapshot.received_at),
        "collected_at": time(snapshot.collected_at),
        "controller": snapshot.controller,
        "subject": {"user": snapshot.user, "email": snapshot.email},
        "article_15": {
            "1_confirmation": "Personal data about you is processed; this package is the copy (article 15(3)).",
            "1_a_purposes": each(|set| json!({"dataset": set.name, "basis": set.basis})),
            "1_b_categories": each(|set| json!({"dataset": set.name, "holds": set.holds})),
            "1_c_recipients": RECIPIENTS,
            "1_d_period": each(|set| json!({"dataset": set.name, "kept": set.kept})),
            "1_e_rights": RIGHTS,
            "1_f_complaint": COMPLAINT,
            "1_g_source": SOURCE,
            "1_h_automated_decisions": AUTOMATED,
            "2_transfers": TRANSFERS,
        },
        "datasets": each(|set| json!({
            "name": set.name,
            "file": set.path(),
            "rows": set.rows.len(),
            "columns": set.columns,
            "columns_left_out_for_security": set.left_out,
        })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_1_5_metadata_has_every_letter_of_article_15() {
        let metadata = metadata(&super::super::build::tests::snapshot());
        let article = metadata["article_15"].as_object().unwrap();
        for letter in ["1_a", "1_b", "1_c", "1_d", "1_e", "1_f", "1_g", "1_h", "2_"] {
            let found = article.iter().find(|(name, _)| name.starts_with(letter));
            let (_, value) = found.unwrap_or_else(|| panic!("no {letter}"));
            assert!(
                value.as_str().is_some_and(|text| !text.is_empty())
                    || value.as_array().is_some_and(|list| !list.is_empty()),
                "{letter}"
            );
        }
        assert_eq!(metadata["article_15"]["1_d_period"][0]["kept"], "30 days");
    }
}
