//! Conversions between counts, money and the floating-point numbers of the formulae, in one place.

/// Micro-minor-units as a float: exact below 2^53, which is 90 million euros.
#[expect(
    clippy::cast_precision_loss,
    reason = "amounts are far below 2^53 micro-minor-units"
)]
pub(crate) const fn money(micros: i64) -> f64 {
    micros as f64
}

/// A float as whole micro-minor-units; saturates, NaN is 0.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, which is what a cost without bound should do"
)]
pub(crate) fn micros(amount: f64) -> i64 {
    amount.round() as i64
}

/// A float as a count; negative and NaN are 0, too large saturates.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates at both ends"
)]
pub(crate) fn count(number: f64) -> u32 {
    number as u32
}

/// Milliseconds of a duration in seconds; negative and NaN are 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates at both ends"
)]
pub(crate) fn millis(seconds: f64) -> u64 {
    (seconds * 1_000.0).round() as u64
}

/// Seconds of a time in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "simulated times are days at most")]
pub(crate) const fn seconds(millis: u64) -> f64 {
    millis as f64 / 1_000.0
}

/// A length as a count; saturates.
pub(crate) fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// An index of a count of workers or classes.
pub(crate) const fn index(count: u32) -> usize {
    // Every supported target has at least 32 bits.
    count as usize
}
