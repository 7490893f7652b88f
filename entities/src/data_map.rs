//! The data map (I9): for every table who owns it, how long its rows are kept and on what basis, and what export
//! and erasure do with it. `tests/data_map.rs` fails on a table without an entry.

mod autoscaler;
mod billing;
mod consent;
mod dsar;
mod engine;
mod mail;
mod money;
mod notion;
mod people;
mod reports;
mod retention;
mod status;
mod words;

/// Days that an ended run is kept, by retention class (docs/PROTOCOL.md, P12).
pub const ENDED_DAYS: [(&str, u16); 3] = [("standard", 30), ("short", 7), ("long", 365)];

/// One table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub table: &'static str,
    /// Whose its rows are.
    pub owner: Owner,
    /// How a row names the person it is about.
    pub subject: Subject,
    /// What personal data may be in it, in a few words.
    pub holds: &'static str,
    /// How long rows are kept.
    pub keep: Keep,
    /// Why they may be kept so long.
    pub basis: Basis,
    /// What an export of a tenant's or a person's data does with it.
    pub export: Export,
    /// What erasure of a tenant's or a person's data does with it.
    pub erasure: Erasure,
}

/// Whose the rows of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The tenant named in this column.
    Tenant(&'static str),
    /// The tenant of the run named in this column.
    Run(&'static str),
    /// Nobody's: it holds no data of tenants.
    System,
}

/// How a row names the person it is about: by this an export finds a subject's rows, and erasure too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// It is about no person, or about one only through what a caller wrote into a body.
    Nobody,
    /// The person whose id is in this column.
    User(&'static str),
    /// The person whose e-mail address, normalised, is in this column.
    Email(&'static str),
}

/// How long rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// As long as the tenant is a customer.
    Account,
    /// Until the run ends.
    RunLive,
    /// By the retention class of the run, in days after its end: [`ENDED_DAYS`].
    RetentionClass,
    /// Until it is sent.
    UntilSent,
    /// Until the time that the row itself names.
    UntilExpiry,
    /// Until the work that the row describes is done.
    UntilDone,
    /// This many days.
    Days(u16),
    /// The payload this many days; what is left of the row then names nobody and stays.
    PayloadDays(u16),
    /// Always: a fixed number of rows.
    Fixed,
}

/// Why rows may be kept (GDPR article 6 for personal data).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// 6(1)(b): the service cannot be given without.
    Contract,
    /// 6(1)(c): a law asks for it.
    LegalObligation,
    /// 6(1)(f): safe operation.
    LegitimateInterest,
    /// 6(1)(f): to establish, exercise or defend legal claims; article 17(3)(e) excepts it from erasure in so far.
    LegalClaims,
    /// There is no personal data in it.
    NoPersonalData,
}

/// What an export does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// The rows are part of it.
    Included,
    /// Their content is in it through another table, or they say nothing of a person.
    NotNeeded,
    /// Left out because it would weaken the owner's security, or prejudice a claim (Data Protection Act 2018, schedule 2,
    /// paragraph 5; GDPR article 23(1)(j)).
    Withheld,
}

/// What erasure does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// The rows are deleted.
    Deleted,
    /// The rows lose their payload and whom it is about; what is left names nobody and keeps the chain whole.
    PayloadErased,
    /// The rows end with the runs that own them; erasure cancels these first.
    EndsWithRun,
    /// The rows end with their tenant only: they record a person's wish, or protect it, and name it by no more than an
    /// HMAC (GDPR 17(3)(b), 21(3)).
    Kept,
    /// Nothing while their time lasts: a law asks for the books (GDPR 17(3)(b)).
    Retained,
    /// Nothing: the rows hold no personal data.
    Untouched,
}

/// The entry of a table.
pub fn entry(table: &str) -> Option<&'static Entry> {
    entries().find(|entry| entry.table == table)
}

/// All tables, in rooms by who fills them.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    [
        engine::ENTRIES,
        people::ENTRIES,
        mail::ENTRIES,
        consent::ENTRIES,
        billing::ENTRIES,
        money::ENTRIES,
        dsar::ENTRIES,
        notion::ENTRIES,
        reports::ENTRIES,
        retention::ENTRIES,
        status::ENTRIES,
        autoscaler::ENTRIES,
    ]
    .into_iter()
    .flatten()
}
