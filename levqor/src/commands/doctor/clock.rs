//! Whether this machine's clock agrees with the database's.

use levqor_store::{Clock, Db, StoreError, Timestamp};

use super::finding::Finding;
use crate::system::SystemClock;

const NAME: &str = "clock";

/// Ids and logs go by the machine's clock: more than this and their order misleads.
const UNEVEN: i64 = 2_000_000;

/// Signed requests (webhooks, S3, TLS certificates) are refused when clocks are minutes apart; this is far enough.
const WRONG: i64 = 60_000_000;

const ACTION: &str = "Run a time service (chrony, systemd-timesyncd) on this machine and on the database's.";

/// Asks the database for the time between two looks at our own clock.
pub(super) async fn check(db: &Db) -> Result<Finding, StoreError> {
    let before = SystemClock.now();
    let theirs = db.now().await?;
    Ok(judge(before, theirs, SystemClock.now()))
}

/// Theirs is right when it lies between the two looks; else it is off by the distance to the nearer one.
fn judge(before: Timestamp, theirs: Timestamp, after: Timestamp) -> Finding {
    let apart = (before.0 - theirs.0).max(theirs.0 - after.0).max(0);
    let found = format!("{} ms apart from the database's, at least", apart / 1_000);
    if apart > WRONG {
        Finding::fail(NAME, found, ACTION)
    } else if apart > UNEVEN {
        Finding::warn(NAME, found, ACTION)
    } else {
        Finding::ok(NAME, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::finding::State;

    #[test]
    fn the_way_to_the_database_and_back_is_no_difference() {
        let at = |millis: i64| Timestamp(millis * 1_000);
        for (theirs, state) in [
            (0, State::Ok),
            (5_000, State::Ok),
            (6_900, State::Ok),
            (-1_900, State::Ok),
            (7_100, State::Warn),
            (-2_100, State::Warn),
            (66_000, State::Fail),
            (-61_000, State::Fail),
        ] {
            assert_eq!(judge(at(0), at(theirs), at(5_000)).state, state, "{theirs}");
        }
    }
}
