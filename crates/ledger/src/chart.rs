//! The accounts of a tenant's book. Debits are positive, credits negative.

/// Two accounts between which amounts of one kind move: from the second to the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) debit: &'static str,
    pub(crate) credit: &'static str,
}

/// What completed runs are worth to the tenant.
pub(crate) const VALUE: Pair = Pair {
    debit: "receivable:value",
    credit: "income:value",
};

/// Time of workers.
pub(crate) const WORKER: Pair = Pair {
    debit: "expense:worker",
    credit: "payable:worker",
};

/// Attempts of `call: http`.
pub(crate) const CALLS: Pair = Pair {
    debit: "expense:calls",
    credit: "payable:calls",
};

/// Mails sent.
pub(crate) const MAILS: Pair = Pair {
    debit: "expense:mails",
    credit: "payable:mails",
};

/// Names of all accounts.
pub const ACCOUNTS: [&str; 8] = [
    VALUE.debit,
    VALUE.credit,
    WORKER.debit,
    WORKER.credit,
    CALLS.debit,
    CALLS.credit,
    MAILS.debit,
    MAILS.credit,
];
