//! The six traces that come with the crate.

/// A trace that comes with the crate.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// Its file.
    pub text: &'static str,
}

/// The six, in the order in which they are shown.
pub const BUILTIN: [Builtin; 6] = [
    Builtin {
        name: "steady",
        text: include_str!("../../traces/steady.json"),
    },
    Builtin {
        name: "diurnal",
        text: include_str!("../../traces/diurnal.json"),
    },
    Builtin {
        name: "burst",
        text: include_str!("../../traces/burst.json"),
    },
    Builtin {
        name: "cron-spike",
        text: include_str!("../../traces/cron-spike.json"),
    },
    Builtin {
        name: "price-change",
        text: include_str!("../../traces/price-change.json"),
    },
    Builtin {
        name: "outage",
        text: include_str!("../../traces/outage.json"),
    },
];
