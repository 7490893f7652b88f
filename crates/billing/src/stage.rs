//! How far dunning of an invoice is.

use serde::{Deserialize, Serialize};

/// A stage. They are reached in this order; a later one is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Told that a payment failed.
    #[serde(rename = "day1_notice")]
    Day1Notice = 1,
    /// Told that the service is at risk.
    #[serde(rename = "day7_notice")]
    Day7Notice = 2,
    /// Told when the service will be paused.
    #[serde(rename = "day14_final")]
    Day14Final = 3,
    /// Nothing new starts until the bill is settled.
    Suspended = 4,
}

impl Stage {
    /// All, in order.
    pub const ALL: [Self; 4] = [
        Self::Day1Notice,
        Self::Day7Notice,
        Self::Day14Final,
        Self::Suspended,
    ];

    /// As it is stored; 0 stands for none.
    pub const fn code(self) -> i64 {
        self as i64
    }

    /// From the stored number; None for 0 and for numbers that stand for nothing.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }

    /// As it is shown, and in keys of mails.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day1Notice => "day1_notice",
            Self::Day7Notice => "day7_notice",
            Self::Day14Final => "day14_final",
            Self::Suspended => "suspended",
        }
    }
}
