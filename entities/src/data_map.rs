//! The data map (I9): for every table who owns it, how long its rows are kept and on what basis, and what export
//! and erasure do with it. `tests/data_map.rs` fails on a table without an entry.

/// Days that an ended run is kept, by retention class (docs/PROTOCOL.md, P12).
pub const ENDED_DAYS: [(&str, u16); 3] = [("standard", 30), ("short", 7), ("long", 365)];

/// One table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub table: &'static str,
    /// Whose its rows are.
    pub owner: Owner,
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
    /// This many days.
    Days(u16),
    /// Always: a fixed number of rows.
    Fixed,
}

/// Why rows may be kept (GDPR article 6 for personal data).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// 6(1)(b): the service cannot be given without.
    Contract,
    /// 6(1)(f): safe operation.
    LegitimateInterest,
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
    /// Left out because it would weaken the owner's security.
    Withheld,
}

/// What erasure does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// The rows are deleted.
    Deleted,
    /// The rows end with the runs that own them; erasure cancels these first.
    EndsWithRun,
    /// Nothing: the rows hold no personal data.
    Untouched,
}

/// The entry of a table.
pub fn entry(table: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.table == table)
}

/// All tables.
pub const ENTRIES: [Entry; 17] = [
    Entry {
        table: "tenants",
        owner: Owner::Tenant("id"),
        holds: "name of a customer",
        keep: Keep::Account,
        basis: Basis::Contract,
        export: Export::Included,
        erasure: Erasure::Deleted,
    },
    Entry {
        table: "api_keys",
        owner: Owner::Tenant("tenant_id"),
        holds: "names given to keys",
        keep: Keep::Account,
        basis: Basis::Contract,
        export: Export::Withheld,
        erasure: Erasure::Deleted,
    },
    Entry {
        table: "workflows",
        owner: Owner::Tenant("tenant_id"),
        holds: "what a customer wrote into documents",
        keep: Keep::Account,
        basis: Basis::Contract,
        export: Export::Included,
        erasure: Erasure::Deleted,
    },
    Entry {
        table: "schedules",
        owner: Owner::Tenant("tenant_id"),
        holds: "nothing personal: times",
        keep: Keep::Account,
        basis: Basis::Contract,
        export: Export::NotNeeded,
        erasure: Erasure::Deleted,
    },
    Entry {
        table: "live",
        owner: Owner::Tenant("tenant_id"),
        holds: "inputs of runs, callback addresses",
        keep: Keep::RunLive,
        basis: Basis::Contract,
        export: Export::Included,
        erasure: Erasure::EndsWithRun,
    },
    Entry {
        table: "journal",
        owner: Owner::Run("run_id"),
        holds: "inputs and outputs of steps",
        keep: Keep::RunLive,
        basis: Basis::Contract,
        export: Export::Included,
        erasure: Erasure::EndsWithRun,
    },
    Entry {
        table: "inbox",
        owner: Owner::Run("run_id"),
        holds: "events and cancel requests",
        keep: Keep::RunLive,
        basis: Basis::Contract,
        export: Export::Included,
        erasure: Erasure::EndsWithRun,
    },
    Entry {
        table: "timers",
        owner: Owner::Run("run_id"),
        holds: "nothing personal: times",
        keep: Keep::RunLive,
        basis: Basis::Contract,
        export: Export::NotNeeded,
        erasure: Erasure::EndsWithRun,
    },
    Entry {
        table: "subscriptions",
        owner: Owner::Tenant("tenant_id"),
        holds: "nothing personal: types and sources of events",
        keep: Keep::RunLive,
        basis: Basis::Contract,
        export: Export::NotNeeded,
        erasure: Erasure::EndsWithRun,
    },
    Entry {
        table: "outbox",
        owner: Owner::Tenant("tenant_id"),
        holds: "outputs on their way to a callback, emitted events",
        keep: Keep::UntilSent,
        basis: Basis::Contract,
        export: Export::NotNeeded,
        erasure: Erasure::Deleted,
    },
    Entry {
        table: "ended",
        owner: Owner::Tenant("tenant_id"),
        holds: "inputs, outputs and journals of runs, callback addresses",
        keep: Keep::RetentionClass,
        basis: Basis::Contract,
        export: Export::Included,
        erasure: Erasure::Deleted,
    },
    Entry {
        table: "idempotency",
        owner: Owner::Tenant("tenant_id"),
        holds: "keys as callers made them up",
        keep: Keep::UntilExpiry,
        basis: Basis::Contract,
        export: Export::NotNeeded,
        erasure: Erasure::Deleted,
    },
    Entry {
        table: "events",
        owner: Owner::Tenant("tenant_id"),
        holds: "bodies of events",
        keep: Keep::Days(1),
        basis: Basis::LegitimateInterest,
        export: Export::NotNeeded,
        erasure: Erasure::Deleted,
    },
    Entry {
        table: "batches",
        owner: Owner::System,
        holds: "nothing personal: random tokens",
        keep: Keep::Days(1),
        basis: Basis::NoPersonalData,
        export: Export::NotNeeded,
        erasure: Erasure::Untouched,
    },
    Entry {
        table: "workers",
        owner: Owner::System,
        holds: "nothing personal: names of our processes",
        keep: Keep::Days(1),
        basis: Basis::NoPersonalData,
        export: Export::NotNeeded,
        erasure: Erasure::Untouched,
    },
    Entry {
        table: "leader",
        owner: Owner::System,
        holds: "nothing personal: one of our processes",
        keep: Keep::Fixed,
        basis: Basis::NoPersonalData,
        export: Export::NotNeeded,
        erasure: Erasure::Untouched,
    },
    Entry {
        table: "seaql_migrations",
        owner: Owner::System,
        holds: "nothing personal: names of applied migrations",
        keep: Keep::Fixed,
        basis: Basis::NoPersonalData,
        export: Export::NotNeeded,
        erasure: Erasure::Untouched,
    },
];
