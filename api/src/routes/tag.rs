//! Groups of operations in the document.

use poem_openapi::Tags;

#[derive(Tags)]
pub(crate) enum Tag {
    /// Starting runs and following them.
    Runs,
    /// Documents that say what runs do.
    Workflows,
    /// CloudEvents for runs that listen.
    Events,
    /// Reports as PDF.
    Reports,
    /// How long data is kept, legal holds, and certificates of what was deleted.
    Retention,
    /// People of a tenant, and the tokens by which they act.
    Users,
    /// What was done to whose data.
    Audit,
    /// Marketing consent: asked for, confirmed, withdrawn, proved; and mail on the strength of it.
    Consent,
    /// People's requests for the data about them (GDPR article 15): made, followed, decided, downloaded.
    DataRequests,
    /// Mails, addresses that get none, and what the mail provider reports.
    Mails,
    /// What a tenant owes the operator of the installation, and paying it.
    Billing,
    /// What runs cost and bring in: the ledger, sums, and budgets.
    Money,
    /// How many workers there should be, and why.
    Autoscaler,
    /// API keys of a tenant.
    Keys,
    /// Whether the service works, and pages about it. No key needed.
    Service,
}
