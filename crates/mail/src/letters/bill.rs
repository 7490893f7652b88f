/// What letters of dunning say of an invoice.
#[derive(Clone, Debug)]
pub struct Bill {
    /// What is not paid of it, with its currency, such as `GBP 1,234.50`.
    pub amount: String,
    /// The number on it.
    pub invoice: String,
    /// Where it can be paid; None where the installation has no public URL.
    pub link: Option<String>,
    /// The day on which the service is paused if nothing is paid, such as `17 February 2026`.
    pub suspension: String,
}
