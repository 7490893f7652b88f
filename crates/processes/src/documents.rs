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
pub const DOCUMENTS: &[Document] = &[
    Document {
        name: "consent-expiry",
        text: include_str!("../../../workflows/consent-expiry.yaml"),
        system: true,
    },
    Document {
        name: "daily-summary",
        text: include_str!("../../../workflows/daily-summary.yaml"),
        system: true,
    },
    Document {
        name: "dsar-export",
        text: include_str!("../../../workflows/dsar-export.yaml"),
        system: false,
    },
    Document {
        name: "dsar-watch",
        text: include_str!("../../../workflows/dsar-watch.yaml"),
        system: true,
    },
    Document {
        name: "dunning",
        text: include_str!("../../../workflows/dunning.yaml"),
        system: false,
    },
    Document {
        name: "marketing-send",
        text: include_str!("../../../workflows/marketing-send.yaml"),
        system: false,
    },
    Document {
        name: "notion-sync",
        text: include_str!("../../../workflows/notion-sync.yaml"),
        system: true,
    },
    Document {
        name: "report",
        text: include_str!("../../../workflows/report.yaml"),
        system: false,
    },
    Document {
        name: "retention",
        text: include_str!("../../../workflows/retention.yaml"),
        system: true,
    },
    Document {
        name: "weekly-reports",
        text: include_str!("../../../workflows/weekly-reports.yaml"),
        system: true,
    },
];

/// The document of this name.
pub fn document(name: &str) -> Option<&'static Document> {
    DOCUMENTS.iter().find(|document| document.name == name)
}
