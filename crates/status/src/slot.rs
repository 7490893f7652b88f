//! Slots of time: the same for every process, whenever it starts.

use std::time::Duration;

use levqor_store::Timestamp;

/// Beginning of the slot that holds this time; slots of one length follow each other from 1970-01-01T00:00:00Z on.
pub fn slot(at: Timestamp, length: Duration) -> Timestamp {
    let length = micros(length);
    Timestamp(at.0.div_euclid(length) * length)
}

/// At least one, so that slots follow each other.
pub(crate) fn micros(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_holds_its_beginning_and_not_its_end() {
        let five = Duration::from_mins(5);
        let minutes = |n: i64| Timestamp(n * 60_000_000);
        assert_eq!(slot(minutes(10), five), minutes(10));
        assert_eq!(slot(Timestamp(minutes(15).0 - 1), five), minutes(10));
        assert_eq!(slot(Timestamp(-1), five), minutes(-5));
    }
}
