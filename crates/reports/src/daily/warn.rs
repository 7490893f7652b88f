//! What the operator should look at, as far as it can be seen from inside; `levqor doctor` sees more.

use levqor_platform::{Platform, private};
use levqor_status::{State, Status, Uptime};
use levqor_store::Timestamp;

use super::MISSED;
use crate::numbers::share;

/// Clocks that are further apart than this, in microseconds.
const APART: i64 = 2_000_000;

/// One sentence each. `here` is the time of this machine.
pub(super) fn warnings(
    platform: &Platform,
    status: &Status,
    day: &Uptime,
    certified: Option<Timestamp>,
    here: Timestamp,
) -> Vec<String> {
    let mut found = settings(platform);
    let parts = status.components.iter();
    let bad = parts.filter(|part| matches!(part.state, State::Degraded | State::Down));
    found.extend(bad.map(|part| {
        let why = part.why.as_deref().unwrap_or("is not as it should be");
        format!("{} {why}.", part.label())
    }));
    if day.measured * 10 < day.window * 9 {
        let measured = share(day.measured, day.window);
        found.push(format!(
            "Only {measured} of the day was measured: see whether a scheduler was running."
        ));
    }
    if certified.is_none_or(|at| status.now.since(at) > MISSED) {
        found.push(
            "No retention sweep was certified in the last two days: see the runs of levqor/retention."
                .to_owned(),
        );
    }
    let apart = (here.0 - status.now.0).abs();
    if apart > APART {
        found.push(format!(
            "The clocks of a worker and of the database are {} s apart: run a time service on both.",
            apart / 1_000_000
        ));
    }
    found
}

fn settings(platform: &Platform) -> Vec<String> {
    let mut found = Vec::new();
    if platform.secrets.is_none() {
        found.push("secret_key is not set: callbacks wait, and tokens and codes are refused.".to_owned());
    }
    match platform.public_url.as_deref().map(private) {
        None => found.push("public_url is not set: mails with links are refused.".to_owned()),
        Some(Ok(true)) => {}
        Some(_) => found.push("public_url is not https: links with tokens go unencrypted.".to_owned()),
    }
    found
}
